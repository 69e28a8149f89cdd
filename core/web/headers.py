"""The headers that every answer carries, and how long it may be kept."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
UNUSED = ("accelerometer", "camera", "geolocation", "gyroscope", "microphone", "midi", "payment", "usb")
PRIVATE = "private, no-store"  # pages: they show people
STATIC = "public, max-age=31536000, immutable"  # files asked for with ?v=, see `static()`


def security_headers(tls: bool) -> dict[str, str]:
    """Return the headers of every answer.

    :param tls: whether the house is reached over https; only then is HSTS true.
    """
    headers = {
        "content-security-policy": POLICY,
        "permissions-policy": ", ".join(f"{feature}=()" for feature in UNUSED),
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "vary": "HX-Request, HX-Request-Type",  # a cache must not answer a page with a fragment
    }
    if tls:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return headers
