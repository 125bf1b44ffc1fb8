package io.weir.access;

import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.limit.OrganisationLimits;
import io.weir.common.model.Names;
import io.weir.storage.catalog.AccessCatalog;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.Organisation;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;

/** Makes, changes and removes organisations; all but seeing one's own is for operators. Thread-safe; never blocks. */
final class Organisations {

    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,63}");

    private final AccessCatalog catalog;
    private final AccessWatch watch;
    private final Clock clock;

    /**
     * Organisations of that catalog.
     *
     * @param watch is told of each change
     */
    Organisations(AccessCatalog catalog, AccessWatch watch, Clock clock) {
        this.catalog = catalog;
        this.watch = watch;
        this.clock = clock;
    }

    /** The organisations that the caller may see. */
    Mono<List<Organisation>> list(Principal caller) {
        return catalog.organisations()
                .map(all -> all.stream()
                        .filter(organisation ->
                                caller.operator() || organisation.name().equals(caller.organisation()))
                        .toList());
    }

    /** The organisation of that name, if the caller may see it. */
    Mono<Organisation> find(Principal caller, String name) {
        return list(caller)
                .flatMapIterable(all -> all)
                .filter(organisation -> organisation.name().equals(name))
                .next()
                .switchIfEmpty(Mono.error(() -> unknown(name)));
    }

    /** Adds one. */
    Mono<Organisation> create(Principal caller, String name, OrganisationLimits limits) {
        return Mono.defer(() -> {
            caller.requireOperator();
            if (!NAME.matcher(name).matches()) {
                throw new WeirException(
                        CommonError.INVALID_NAME,
                        "organisation name \"" + Names.printable(name)
                                + "\" is not valid (expected: a letter, then up to 63 letters, digits, '_' or '-')",
                        Map.of("name", Names.printable(name)));
            }
            Organisation made = new Organisation(name, clock.instant(), limits);
            return catalog.addOrganisation(made, entry(caller, name, "organisation.created", limits.toString()))
                    .then(Mono.defer(watch::changed))
                    .thenReturn(made);
        });
    }

    /** Sets the limits of one. */
    Mono<Organisation> limit(Principal caller, String name, OrganisationLimits limits) {
        return find(caller, name).flatMap(found -> {
            caller.requireOperator();
            Organisation changed = new Organisation(name, found.created(), limits);
            return catalog.changeOrganisation(changed, entry(caller, name, "organisation.limited", limits.toString()))
                    .filter(done -> done)
                    .switchIfEmpty(Mono.error(() -> unknown(name)))
                    .then(Mono.defer(watch::changed))
                    .thenReturn(changed);
        });
    }

    /** Removes one that has no databases, and its tokens. */
    Mono<Void> remove(Principal caller, String name) {
        return Mono.defer(() -> {
            caller.requireOperator();
            if (name.equals(Names.DEFAULT_ORGANISATION)) {
                throw new WeirException(
                        CommonError.CONFLICT,
                        "organisation " + name + " cannot be removed (expected: another)",
                        Map.of("organisation", name));
            }
            return catalog.removeOrganisation(name, entry(caller, name, "organisation.removed", ""))
                    .filter(done -> done)
                    .switchIfEmpty(Mono.error(() -> unknown(name)))
                    .then(Mono.defer(watch::changed));
        });
    }

    private AuditEntry entry(Principal caller, String name, String act, String detail) {
        return new AuditEntry(0, clock.instant(), name, caller.toString(), act, name, detail);
    }

    private static WeirException unknown(String name) {
        return new WeirException(
                CommonError.ORGANISATION_NOT_FOUND,
                "organisation " + Names.printable(name) + " does not exist",
                Map.of("organisation", Names.printable(name)));
    }
}
