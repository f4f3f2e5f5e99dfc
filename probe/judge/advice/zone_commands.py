"""The commands about a hosted zone that several advices name, with placeholders for what a plan does not tell."""

CHANGE_SETS = "aws route53 change-resource-record-sets --hosted-zone-id ZONE --change-batch file://RECORD.json"
SETS = "aws route53 list-resource-record-sets --hosted-zone-id ZONE --start-record-name DOMAIN --max-items 8"
WRITERS = (
    "aws cloudtrail lookup-events --region us-east-1"
    " --lookup-attributes AttributeKey=EventName,AttributeValue=ChangeResourceRecordSets"
)
"""Route 53 is a global service, whose calls CloudTrail shows in us-east-1 alone (Route 53 Developer Guide, "Logging
Amazon Route 53 API calls with AWS CloudTrail"): with a cluster's own region it shows nothing, as if nobody wrote."""

ENTRIES_ARE_LATE = "Entries come some minutes late"
"""About five on average, without a promise (CloudTrail User Guide, "How CloudTrail works"); without a full stop. So
only after half an hour does a change without an entry tell anything."""
