"""The blueprint of the pages about a client's own seat."""

from telehealth.web.link_pages import make_link_blueprint

blueprint = make_link_blueprint("client")
