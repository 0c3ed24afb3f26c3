"""Headers of every answer: nothing foreign runs, nothing is framed, people's data is not stored."""

from flask import Flask, Response, request

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # Bootstrap draws its arrows and ticks from data: images
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
ONE_YEAR = 31_536_000
CSP = "Content-Security-Policy"


def write_policy(**changes: str) -> str:
    """The content security policy; `frame_src="'self'"` sets or replaces one directive."""
    directives = POLICY | {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def allow_frame(response: Response) -> Response:
    """For the one page that shows a letter in a frame."""
    response.headers[CSP] = write_policy(frame_src="'self'")
    return response


def allow_framing(response: Response) -> Response:
    """For the letter shown in that frame: our own pages may frame it."""
    response.headers[CSP] = write_policy(frame_ancestors="'self'")
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def add_headers(app: Flask, *, production: bool) -> None:
    """Sets what an answer does not set itself."""
    fixed = FIXED | {CSP: write_policy()}
    if production:
        fixed["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"

    @app.after_request
    def set_headers(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "private, no-store"
        return response
