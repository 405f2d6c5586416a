"""Parts of the file that components declare, and the file's model that is composed of them.

`config` itself knows no feature: the keys of one are added to a section as a `Part`. A section that was composed gives
a part back by its class: `service.section(WelcomeSettings)`.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import create_model
from pydantic.fields import FieldInfo

from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, Path
from callcentre.config.scalars import MAYBE, Section, choice
from callcentre.config.settings import Service, Settings
from callcentre.config.templates import TextTemplate

S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class ConfiguredText:
    """A text of the file: its path within its part, and whether its reader may answer it."""

    path: Path
    template: TextTemplate
    answerable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A key that a component adds to a section of the file: null by default, an empty list where there may be `many`.

    `of` is the section that gets the key: `Service`, `Sms` or `Settings`. `findings` says what does not go together,
    `texts` which texts people get. `needs` names what the part needs of the queue while it is set: `exit_key` lets a
    waiting caller leave the queue by a key, `agents` has the agents on duty read with nobody on the line.
    """

    of: type[Section]
    key: str
    section: type[Section]
    description: str
    many: bool = False
    findings: Callable[[Any, CheckContext], Iterable[Finding]] | None = None
    texts: Callable[[Any], Iterable[ConfiguredText]] | None = None
    needs: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The attribute of the model: the key, where Python takes it."""
        return self.key if self.key.isidentifier() else f"part_{self.key}"

    @property
    def definition(self) -> tuple[Any, FieldInfo]:
        """The field as pydantic takes it."""
        kind: Any = self.section
        alias = None if self.name == self.key else self.key
        if self.many:
            return tuple[kind, ...], self._field((), alias)
        return Annotated[kind | None, MAYBE], self._field(None, alias)

    def _field(self, default: Any, alias: str | None) -> FieldInfo:
        return FieldInfo(
            default=default,
            description=self.description,
            alias=alias,
            validation_alias=alias,
            serialization_alias=alias,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The values that a key may have, where components make them up: `sms.gateway` is the name of a gateway.

    `description` replaces that of the key, where it has to name the values.
    """

    of: type[Section]
    key: str
    values: tuple[str, ...]
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class FileShape:
    """What the file may hold: the sections of `config`, with the parts of the components.

    `module` is where the composed classes are attributes, so that settings can be handed over by another process.
    """

    parts: tuple[Part, ...]
    choices: tuple[Choice, ...] = ()
    checks: tuple[Callable[[Settings], Iterable[Finding]], ...] = ()
    module: str = field(default=__name__)

    @property
    def models(self) -> list[type[Section]]:
        """The composed classes."""
        return [self.model, *self._composed_classes]

    @cached_property
    def _composed_classes(self) -> list[type[Section]]:
        return []

    @cached_property
    def model(self) -> type[Settings]:
        """The whole file."""
        return self._composed(Settings)

    def _composed(self, base: type[S]) -> type[S]:
        parts = [part for part in self.parts if part.of is base]
        fields: dict[str, Any] = {}
        for name, known in base.model_fields.items():
            composed: Any = self._annotation(known.annotation)
            choices = [one for one in self.choices if one.of is base and one.key == (known.alias or name)]
            if choices:
                composed = Annotated[str, choice(*(value for one in choices for value in one.values))]
                known = _described(known, [one.description for one in choices if one.description])
            if composed is not known.annotation:
                fields[name] = (composed, known)
        fields |= {part.name: part.definition for part in parts}
        if not fields:
            return base
        composed_class = create_model(
            base.__name__, __base__=base, __module__=self.module, __doc__=base.__doc__, **fields
        )
        self._composed_classes.append(composed_class)
        composed_class._parts = tuple((part.section, part.name, part.needs) for part in parts)
        return composed_class

    def _annotation(self, annotation: Any) -> Any:
        """A field's type with the sections in it composed."""
        if isinstance(annotation, type) and issubclass(annotation, Section):
            return self._composed(annotation)
        if get_origin(annotation) is dict:
            key, value = get_args(annotation)
            mapping: Any = dict
            return mapping[key, self._annotation(value)]
        return annotation

    def findings(self, settings: Settings) -> Iterator[Finding]:
        """What the components find in settings whose every value is right by itself."""
        for part, section, path in self._set(settings):
            if part.findings is not None:
                yield from part.findings(section, CheckContext(path, settings))
        for check in self.checks:
            yield from check(settings)

    def texts(self, settings: Settings) -> Iterator[tuple[Path, ConfiguredText]]:
        """Every text that the settings would send, with the path of its part."""
        for part, section, path in self._set(settings):
            if part.texts is not None:
                yield from ((path, text) for text in part.texts(section))

    def _set(self, settings: Settings) -> Iterator[tuple[Part, Any, Path]]:
        """The parts that are not left out, with their places; those of a service together."""
        for name, service in settings.services.items():
            yield from self._set_of(service, Service, ("services", name))
        yield from self._set_of(settings.sms, type(settings).model_fields["sms"].annotation, ("sms",))
        yield from self._set_of(settings, Settings, ())

    def _set_of(self, section: Section, base: Any, path: Path) -> Iterator[tuple[Part, Any, Path]]:
        for part in self.parts:
            if issubclass(base, part.of) and (value := getattr(section, part.name)) not in (None, ()):
                yield part, value, (*path, part.key)


def _described(known: FieldInfo, descriptions: list[str]) -> FieldInfo:
    """A field with a description that components give, where they give one."""
    described = copy(known)
    if descriptions:
        described.description = " ".join(descriptions)
    return described
