"""The GraphQL side of accounts: mutations to sign up, in and out, and `viewer`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import strawberry
from graphql import FieldNode, GraphQLResolveInfo
from strawberry.tools import create_type

from gql_app.engine import Context
from gql_app.engine.access import Scope
from gql_app.engine.entity import Entity
from gql_app.engine.errors import (
    BadUserInputError,
    ConfigurationError,
    EngineError,
    UnauthenticatedError,
)
from gql_app.engine.policy import ViewerTerms
from gql_app.engine.sdl import Field, Value, declare, define_type, optional
from gql_app.engine.writing.payloads import PayloadField
from gql_app.engine.writing.verbs import Written
from gql_app.publishing import api
from gql_app.publishing.accounts.accounts import Accounts, Session
from gql_app.publishing.accounts.attempts import ADDRESS
from gql_app.publishing.accounts.inputs import (
    ChangeEmail,
    ChangePassword,
    DeleteAccount,
    Login,
    Logout,
    Refresh,
    Register,
)
from gql_app.publishing.base import table_of
from gql_app.publishing.handwritten import (
    Input,
    entity_of,
    mutation,
    payload_type,
    row_field,
)
from gql_app.publishing.user import User

_LOGIN, _LOGOUT, _REFRESH = Input(Login), Input(Logout), Input(Refresh)
_REGISTER, _CHANGE_PASSWORD = Input(Register), Input(ChangePassword)
_CHANGE_EMAIL, _DELETE_ACCOUNT = Input(ChangeEmail), Input(DeleteAccount)

Work = Callable[[Accounts, Context, Any], Awaitable[Any]]
Parts = Mapping[str, Field]


@strawberry.type(description="What a client proves with who it is.")
class Tokens:
    """The new pair of tokens of a sign-in."""

    access_token: str = strawberry.field(
        description="Sent with each request: `Authorization: Bearer …`."
    )
    access_expires_at: datetime = strawberry.field(
        description="When to have replaced the access token."
    )
    refresh_token: str = strawberry.field(
        description="For `refresh`, once: a second use ends the sign-in."
    )
    refresh_expires_at: datetime = strawberry.field(
        description="When the sign-in ends; refreshing doesn't put it off."
    )


_TOKENS = Field(optional(Tokens), "The tokens of the sign-in.")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The payload of whatever signs in; `keys` has that of the user."""

    tokens: Tokens
    keys: Sequence[tuple[Any, ...]]
    errors: Sequence[EngineError] = ()

    @classmethod
    def of(cls, session: Session) -> "SignedIn":
        tokens = Tokens(
            access_token=session.access.text,
            access_expires_at=session.access.expires_at,
            refresh_token=session.refresh.text,
            refresh_expires_at=session.refresh.expires_at,
        )
        return cls(tokens, [(session.user_id,)])


@dataclass(frozen=True, slots=True)
class SignedOut:
    """The payload of `logout`."""

    ended: bool
    errors: Sequence[EngineError] = ()


@dataclass(frozen=True, slots=True)
class Oneself:
    """The value of `viewer`."""

    email: str | None
    keys: Sequence[tuple[Any, ...]] = field(default=())


async def _register(accounts: Accounts, _: Context, given: Register) -> SignedIn:
    return SignedIn.of(await accounts.register(given, ADDRESS.get()))


async def _login(accounts: Accounts, _: Context, given: Login) -> SignedIn:
    return SignedIn.of(await accounts.login(given, ADDRESS.get()))


async def _refresh(accounts: Accounts, _: Context, given: Refresh) -> SignedIn:
    # The payload has no user: reading it could fail when the token is used already.
    return SignedIn.of(await accounts.refresh(given))


async def _logout(accounts: Accounts, _: Context, given: Logout) -> SignedOut:
    return SignedOut(await accounts.logout(given))


async def _change_password(
    accounts: Accounts, context: Context, given: ChangePassword
) -> SignedIn:
    user_id = _own_id(context)
    changed = await accounts.change_password(user_id, given, ADDRESS.get())
    return SignedIn.of(changed)


async def _change_email(
    accounts: Accounts, context: Context, given: ChangeEmail
) -> Written:
    user_id = _own_id(context)
    await accounts.change_email(user_id, given, ADDRESS.get())
    return Written([(user_id,)])


async def _delete_account(
    accounts: Accounts, context: Context, given: DeleteAccount
) -> Written:
    user_id = _own_id(context)
    await accounts.delete(user_id, given, ADDRESS.get())
    return Written(deleted=[(user_id,)])


def _own_id(context: Context) -> int:
    user_id: int | None = context.viewer.claims.get("id")
    if user_id is None:
        raise UnauthenticatedError("Sign in first.")
    return user_id


async def _viewer(info: strawberry.Info[Context]) -> Any:
    context = info.context
    if "id" not in context.viewer.claims:
        return None
    found = await context.fetch(_own_email, _user(), values={})
    return Oneself(found[0][0], [(context.viewer.claims["id"],)]) if found else None


def account_queries() -> type:
    """`viewer`, to be added to Query."""
    title = "The account that one is signed in to, as only oneself may see it."
    email = Field(optional(str), "What to sign in with instead of the username.")
    fields = {"user": _user_field("What everybody sees of it."), "email": email}
    kind = define_type(declare("Viewer"), fields, title)
    _viewer.__annotations__["return"] = optional(kind)
    description = "Who asks; null without an access token."
    viewer = strawberry.field(_viewer, name="viewer", description=description)
    return create_type("AccountQueries", [viewer])


def nowhere() -> Accounts:
    """For a schema that is only looked at."""
    raise ConfigurationError("There are no accounts to sign in to.")


def account_mutations(accounts: Callable[[], Accounts]) -> type:
    """The mutations, to be added to Mutation; `accounts` gives what they work on."""
    signed_in = {"user": _user_field("The user who is signed in."), "tokens": _TOKENS}
    changed = {"user": _user_field("The user whose address it is.")}
    ended = {"ended": Field(optional(bool), "Whether there was a sign-in to end.")}
    gone = PayloadField("deletedId", _user())
    deleted = {"deletedId": Field(optional(strawberry.ID), "Its global id.", gone)}
    some: Sequence[tuple[str, Input[Any], Work, Parts, str]] = (
        (
            *("register", _REGISTER, _register, signed_in),
            "Make an account, and sign in to it.",
        ),
        ("login", _LOGIN, _login, signed_in, "Sign in with a password."),
        (
            *("refresh", _REFRESH, _refresh, {"tokens": _TOKENS}),
            "Go on with a sign-in, with new tokens.",
        ),
        (
            *("logout", _LOGOUT, _logout, ended),
            "End a sign-in: its refresh tokens are void; access tokens expire by "
            "themselves.",
        ),
        (
            *("changePassword", _CHANGE_PASSWORD, _change_password, signed_in),
            "Change one's password. All sign-ins end, and a new one begins.",
        ),
        (
            *("changeEmail", _CHANGE_EMAIL, _change_email, changed),
            "Change the address that one signs in with.",
        ),
        (
            *("deleteAccount", _DELETE_ACCOUNT, _delete_account, deleted),
            "Delete one's own account. Posts and comments stay, with the author's name.",
        ),
    )
    fields = [
        _mutation(accounts, name, given, work, (parts, text))
        for name, given, work, parts, text in some
    ]
    return create_type("AccountMutations", fields)


def _mutation(
    accounts: Callable[[], Accounts],
    name: str,
    model: Input[Any],
    work: Work,
    returned: tuple[Parts, str],
) -> Any:
    async def resolve(info: Any, input: Any) -> Any:
        _check_alone(info._raw_info)
        if info.context.budget.used:
            # Its transaction has begun with an idempotency key, to keep the response.
            raise BadUserInputError(f"What {name} answers isn't kept for another time.")
        given = model.read(input)
        try:
            # It is committed before its payload is read, which may have to begin anew.
            return await info.context.once(
                name, lambda: work(accounts(), info.context, given)
            )
        except EngineError as error:
            if error.path:
                error.path = ("input", *error.path)
            raise

    resolve.__name__ = name
    parts, description = returned
    payload = payload_type(f"{name[0].upper()}{name[1:]}Payload", parts)
    given = {"input": Value(model.type, "What is needed for it.")}
    return mutation(resolve, payload, description, given)


def _check_alone(info: GraphQLResolveInfo[Any]) -> None:
    """What these mutations do stays done: it can be no part of a transaction, nor tried
    out. One at a time, they can't be used for guessing in bulk, either."""
    operation = info.operation
    selections = operation.selection_set.selections
    alone = len(selections) == 1 and isinstance(selections[0], FieldNode)
    if not alone or operation.directives:
        raise BadUserInputError(
            f"{info.field_name} has to be the only field of its operation, which can't "
            "have directives."
        )


def _own_email(_: Entity, scope: Scope) -> sa.Select[Any]:
    user = table_of(User)
    own = user.c.id == ViewerTerms(scope.role).claim("id")
    return sa.select(user.c.email).where(own)


def _user() -> Entity:
    return entity_of(api, User)


def _user_field(description: str) -> Field:
    return row_field(_user(), api.type_of(User), description)
