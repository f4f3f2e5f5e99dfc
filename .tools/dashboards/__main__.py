"""`python -m dashboards` writes the dashboards anew, the chart's, the package's and the mixin's."""

from dashboards.write import FOLDERS, texts

if __name__ == "__main__":
    for folder in FOLDERS:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts().items():
            (folder / name).write_text(text, encoding="utf-8")
