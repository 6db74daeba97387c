"""Accounting systems and what is synced of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """An accounting system.

    Attributes:
        code: Its name in the API.
        label: Its name for people.
        url: Where its API is; `{}` stands for the account. `.example` is reserved, so it leads nowhere.
        custom: An object that its users make themselves: its name in the API, and the one for people.
        webhooks: Whether it tells of changes by itself.
    """

    code: str
    label: str
    url: str
    custom: tuple[str, str]
    webhooks: bool = False


PROVIDERS = (
    Provider(
        "netsuite",
        "NetSuite",
        "https://{}.suitetalk.netsuite.example/services/rest",
        ("custrecord_dunning_note", "Dunning note"),
    ),
    Provider(
        "quickbooks_online",
        "QuickBooks Online",
        "https://quickbooks.example/v3/company/{}",
        ("delivery_route", "Delivery route"),
        webhooks=True,
    ),
    Provider(
        "sage_intacct",
        "Sage Intacct",
        "https://api.intacct.example/ia/api/v1/{}",
        ("platform_credit_hold", "Credit hold"),
    ),
    Provider(
        "dynamics_365",
        "Microsoft Dynamics 365",
        "https://{}.dynamics.example/data",
        ("cr4_payment_promise", "Payment promise"),
    ),
    Provider(
        "sap_business_one",
        "SAP Business One",
        "https://sap-{}.example:50000/b1s/v2",
        ("U_DISPUTE_REASON", "Dispute reason"),
    ),
    Provider(
        "xero",
        "Xero",
        "https://api.xero.example/api.xro/2.0/{}",
        ("tracking_category", "Tracking category"),
        webhooks=True,
    ),
    Provider(
        "acumatica",
        "Acumatica",
        "https://{}.acumatica.example/entity/default",
        ("UsrCollectionStage", "Collection stage"),
    ),
)
BY_CODE = {provider.code: provider for provider in PROVIDERS}
# The one that stands on its owner's own machines.
ON_PREMISE = BY_CODE["sap_business_one"]

# What every accounting system has, the most important first.
STANDARD = ("customers", "invoices", "payments", "credit_memos", "contacts", "items", "sales_orders")
_WRITABLE = frozenset({"payments", "credit_memos", "contacts"})
_CUSTOM = dict(provider.custom for provider in PROVIDERS)


def model_names(provider_name: str) -> tuple[str, ...]:
    """Return what is synced of an accounting system; the standard set where it is not known."""
    provider = BY_CODE.get(provider_name)
    return STANDARD if provider is None else (*STANDARD[:5], provider.custom[0])


def is_custom(name: str) -> bool:
    """Whether the users of an accounting system made an object themselves."""
    return name in _CUSTOM


def is_writable(name: str) -> bool:
    """Whether records of an object can be written back."""
    return name in _WRITABLE


def display_name(name: str) -> str:
    """Return an object's name for people: `credit_memos` reads Credit memos."""
    return _CUSTOM.get(name) or name.replace("_", " ").capitalize()
