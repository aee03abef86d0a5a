"""The Flask face: requests, cookies, status codes, tags. Decisions live in `survey`.

There is no global app: `webforms.app.create_app` takes its settings as an argument.
"""
