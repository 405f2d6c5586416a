"""Parts of the file that components declare, and the model of the file that is composed of them.

`config` itself knows no feature: the keys of a feature are added to a section as a `Part`. A composed section returns
a part by its class: `service.section(WelcomeSettings)`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin

from pydantic import create_model
from pydantic.fields import FieldInfo

from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, Path
from callcentre.config.scalars import MAYBE, PermanentSection, Section, choice
from callcentre.config.settings import Service, Settings
from callcentre.config.templates import TextTemplate

S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class ConfiguredText:
    """A text of the file: its path within its part, and whether its recipient can reply to it."""

    path: Path
    template: TextTemplate
    answerable: bool


@dataclass(frozen=True, kw_only=True)
class Part:
    """A key that a component adds to a section of the file. Its default is null, or an empty list with `many`.

    `of` is the section that gets the key: `Service`, `Settings`, or the section of another part. Where `section` is a
    `PermanentSection`, the key is never null. One with a required key has an `example`. `before` is the key before
    which this key is documented; without it, this key is the last.

    `findings` checks the part in combination with the settings around it, `texts` lists the texts that people get,
    `own_numbers` lists the numbers of the call centre in it. `needs` names what the part needs of the queue: `exit_key`
    lets a waiting caller leave the queue by a key, `agents` reads the agents on duty also without any call.
    """

    of: type[Section]
    key: str
    section: type[Section]
    description: str
    many: bool = False
    example: Mapping[str, Any] | None = None
    before: str | None = None
    findings: Callable[[Any, CheckContext], Iterable[Finding]] | None = None
    texts: Callable[[Any], Iterable[ConfiguredText]] | None = None
    own_numbers: Callable[[Any], Iterable[str]] | None = None
    needs: frozenset[str] = frozenset()

    @cached_property
    def name(self) -> str:
        """The attribute of the model: the key, as a Python name."""
        return self.key if self.key.isidentifier() else f"part_{self.key}"

    def definition(self, kind: Any) -> tuple[Any, FieldInfo]:
        """The field, in pydantic's terms. `kind` is the section with the parts that were added to it."""
        if self.many:
            return tuple[kind, ...], self._field(default=())
        if not issubclass(self.section, PermanentSection):
            return Annotated[kind | None, MAYBE], self._field(default=None)
        if self.example is not None:
            return kind, self._field(examples=[dict(self.example)])
        return kind, self._field(default=kind())

    def _field(self, **more: Any) -> FieldInfo:
        alias = None if self.name == self.key else self.key
        return FieldInfo(
            description=self.description, alias=alias, validation_alias=alias, serialization_alias=alias, **more
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Keys that a component adds to a section of the file beside its own keys, without a section around them.

    `of` is the section that gets them, `section` the class that has them. `before` is as in `Part`.
    """

    of: type[Section]
    section: type[PermanentSection]
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The allowed values of a key, where they come from components: `sms.gateway` is the name of a gateway.

    `description` replaces that of the key, where it has to name the values.
    """

    of: type[Section]
    key: str
    values: tuple[str, ...]
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class FileShape:
    """The shape of the file: the sections of `config`, with the parts of the components.

    `module` is the module with the composed classes as attributes, so that another process can pickle settings.
    """

    parts: tuple[Part, ...]
    keys: tuple[Keys, ...] = ()
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
        keys = [each for each in self.keys if each.of is base]
        fields: dict[str, Any] = {}
        for name, known in base.model_fields.items():
            composed: Any = self._annotation(known.annotation)
            choices = [one for one in self.choices if one.of is base and one.key == (known.alias or name)]
            if choices:
                composed = Annotated[str, choice(*(value for one in choices for value in one.values))]
                known = _described(known, [one.description for one in choices if one.description])
            if composed is not known.annotation:
                fields[name] = (composed, known)
        fields |= {part.name: part.definition(self._composed(part.section)) for part in parts}
        if not fields and not keys:
            return base
        bases: Any = (base, *(each.section for each in keys), _in_order(base, keys, parts))
        composed_class = cast(
            "type[S]",
            create_model(base.__name__, __base__=bases, __module__=self.module, __doc__=base.__doc__, **fields),
        )
        self._composed_classes.append(composed_class)
        composed_class._parts = {part.section: part for part in parts}
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
        """The findings of components about settings that are each valid by themselves."""
        for part, section, path in self._set(settings):
            if part.findings is not None:
                yield from part.findings(section, CheckContext(path, settings))
        for check in self.checks:
            yield from check(settings)

    def texts(self, settings: Settings) -> Iterator[tuple[Path, ConfiguredText]]:
        """Every text in the settings, with the path of its part."""
        for part, section, path in self._set(settings):
            if part.texts is not None:
                yield from ((path, text) for text in part.texts(section))

    def _set(self, settings: Settings) -> Iterator[tuple[Part, Any, Path]]:
        """The parts that are set, with their paths, grouped by service, in the order of the documentation."""
        for name, service in settings.services.items():
            yield from self._set_of(service, Service, ("services", name))
        yield from self._set_of(settings, Settings, ())

    def _set_of(self, section: Section, base: type[Section], path: Path) -> Iterator[tuple[Part, Any, Path]]:
        documented = {name: place for place, name in enumerate(type(section).model_fields)}
        parts = (part for part in self.parts if part.of is base)
        for part in sorted(parts, key=lambda part: documented[part.name]):
            if (value := getattr(section, part.name)) not in (None, ()):
                place = (*path, part.key)
                yield part, value, place
                if not part.many:
                    yield from self._set_of(value, part.section, place)


def _in_order(base: type[Section], keys: Iterable[Keys], parts: Iterable[Part]) -> type[Any]:
    """A last base for the composed class. It sets the order of the fields in the documentation.

    pydantic orders fields by their first annotation, and reads the last base first.
    """
    added = [(each.before, list(each.section.model_fields)) for each in keys]
    added += [(part.before, [part.name]) for part in parts]
    order = list(base.model_fields)
    for before, names in added:
        place = order.index(before) if before in order else len(order)
        order[place:place] = names
    return type("InOrder", (), {"__annotations__": dict.fromkeys(order, Any)})


def _described(known: FieldInfo, descriptions: list[str]) -> FieldInfo:
    """A field, with the description that components give for it, if any."""
    described = copy(known)
    if descriptions:
        described.description = " ".join(descriptions)
    return described
