"""Files that a visitor keeps: their kinds, and the answer that hands one over."""

from io import BytesIO

from flask import send_file
from werkzeug.wrappers import Response

__all__ = ["DOCX", "JSON", "PDF", "XLSX", "download"]

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JSON = "application/json"


def download(content: bytes, *, name: str, kind: str) -> Response:
    """Answer with a file to keep."""
    return send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)
