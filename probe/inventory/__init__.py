"""What both clusters want and what Route 53 holds, read from manifests and exports; and the plan that follows."""
