"""A visitor without a browser: fetches pages, keeps cookies, fills in the forms it finds."""

import http.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit


class UnexpectedPageError(RuntimeError):
    """The server answered with something a visitor cannot go on from."""


@dataclass(slots=True)
class Form:
    """A form on a page: where it goes, and what its fields hold as loaded."""

    action: str
    method: str = "get"
    fields: dict[str, list[str]] = field(default_factory=dict)
    """Values a browser would send untouched (hidden, text, checked)."""

    choices: dict[str, list[str]] = field(default_factory=dict)
    """Values on offer by field: radios, checkboxes, options."""

    buttons: list[tuple[str, str]] = field(default_factory=list)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._unshown = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unshown += tag == "template"
        if self._unshown:  # only a script would take it out
            return
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(values.get("action", ""), values.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None and tag == "input":
            self._input(self._form, values, checked="checked" in values)
        elif self._form is not None and tag == "textarea" and values.get("name"):
            self._form.fields.setdefault(values["name"], [])
        elif self._form is not None and tag == "button" and values.get("name"):
            self._form.buttons.append((values["name"], values.get("value", "")))
        elif self._form is not None and tag == "select":
            self._select = values.get("name")
        elif self._form is not None and tag == "option" and self._select:
            self._form.choices.setdefault(self._select, []).append(values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._unshown -= tag == "template"
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    @staticmethod
    def _input(form: Form, values: Mapping[str, str], *, checked: bool) -> None:
        name, kind = values.get("name"), values.get("type", "text")
        if not name:
            return
        value = values.get("value", "")
        if kind in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(value)
            if checked:
                form.fields.setdefault(name, []).append(value)
        elif kind == "submit":
            form.buttons.append((name, value))
        else:
            form.fields.setdefault(name, []).append(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as received."""

    status: int
    path: str
    text: str

    def forms(self) -> list[Form]:
        """Return the forms on the page."""
        reader = _FormReader()
        reader.feed(self.text)
        return reader.forms

    def form(self, *, having: str) -> Form:
        """Return the form with a field, choice or button named ``having``."""
        for form in self.forms():
            if having in form.fields or having in form.choices or having in dict(form.buttons):
                return form
        raise UnexpectedPageError(f"{self.path} ({self.status}) has no form with {having!r}")


class Visitor:
    """One person at one device: one connection, one set of cookies."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        self._cookies: dict[str, tuple[str, str]] = {}

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def get(self, path: str) -> Page:
        """Fetch ``path`` and follow redirects, as a browser does."""
        return self._follow("GET", path, None)

    def send(self, page: Page, form: Form, values: Mapping[str, Sequence[str]]) -> Page:
        """Send ``form`` of ``page`` with ``values`` in place of what it held."""
        target = urljoin(page.path, form.action) if form.action else page.path
        return self._follow("POST", target, urlencode({**form.fields, **values}, doseq=True))

    def _follow(self, method: str, path: str, body: str | None) -> Page:
        for _ in range(10):
            status, location, text = self._once(method, path, body)
            if location is None:
                return Page(status=status, path=path, text=text)
            path = _path_of(urljoin(path, location))
            method, body = "GET", None
        raise UnexpectedPageError(f"{path} redirects without end")

    def _once(self, method: str, path: str, body: str | None) -> tuple[int, str | None, str]:
        headers = {"Accept": "text/html", "Accept-Language": "vi"}
        cookies = "; ".join(
            f"{name}={value}"
            for name, (value, scope) in self._cookies.items()
            if path.startswith(scope)
        )
        if cookies:
            headers["Cookie"] = cookies
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body=body, headers=headers)
        response = self._connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = (morsel.value, morsel["path"] or "/")
        location = response.headers.get("Location")
        redirects = response.status in {301, 302, 303, 307, 308}
        return response.status, location if redirects else None, text


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
