"""The blueprint of the pages about waiting for a time."""

from telehealth.web.link_pages import make_link_blueprint

blueprint = make_link_blueprint("waitlist")
