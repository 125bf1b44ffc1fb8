package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.limit.OrganisationLimits;
import io.weir.common.model.DatabaseId;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** What every catalog keeps of tokens and organisations; each database's test extends it. REQUIREMENTS C3, C4. */
abstract class AccessContract extends CatalogFixture {

    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000, 123_456_000);
    private static final int AUDITED = 5;

    private AccessCatalog access;

    @BeforeEach
    void open() {
        access = new R2dbcAccessCatalog(connections().factory(), OPERATION, AUDITED);
        await(access.state("first key"));
    }

    private static StoredToken token(String id, String organisation) {
        return new StoredToken(
                id, organisation, "name of " + id, "read:*", false, "hash of " + id, "", null, NOW, null, null);
    }

    private static AuditEntry entry(String act) {
        return new AuditEntry(0, NOW, "default", "tester", act, "subject", "detail");
    }

    private static void assertFails(ThrowingCallable call, CommonError code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aTokenIsReadAsItWasAdded() {
        StoredToken full = new StoredToken(
                "a1",
                "default",
                "ünï",
                "read,write:fleet_*;admin:lab",
                true,
                "h1",
                "h0",
                NOW.plusSeconds(1),
                NOW,
                NOW.plusSeconds(2),
                NOW.plusSeconds(3));
        await(access.addToken(full, entry("a")));
        await(access.addToken(token("a2", "default"), entry("a")));
        assertThat(await(access.token("a1"))).isEqualTo(full);
        assertThat(await(access.token("a2"))).isEqualTo(token("a2", "default"));
        assertThat(await(access.tokens("default"))).containsExactly(full, token("a2", "default"));
        assertThat(await(access.token("a3"))).isNull();
    }

    @Test
    void everyChangeIsANewRevisionAndAnEntry() {
        long before = await(access.revision());
        await(access.addToken(token("t", "default"), entry("added")));
        await(access.changeToken(null, "t", token -> token.revokedAt(NOW), entry("revoked")));
        await(access.removeToken(null, "t", entry("removed")));
        await(access.addOrganisation(new Organisation("acme", NOW, OrganisationLimits.NONE), entry("org")));
        assertThat(await(access.revision())).isEqualTo(before + 4);
        assertThat(await(access.audit(null, Long.MAX_VALUE, 10)))
                .extracting(AuditEntry::act)
                .containsExactly("org", "removed", "revoked", "added");
    }

    @Test
    void theAuditLogKeepsTheLatest() {
        for (int i = 0; i < AUDITED + 3; i++) {
            await(access.addToken(token("t" + i, "default"), entry("act " + i)));
        }
        List<AuditEntry> all = await(access.audit("default", Long.MAX_VALUE, 100));
        assertThat(all).extracting(AuditEntry::act).containsExactly("act 7", "act 6", "act 5", "act 4", "act 3");
        assertThat(await(access.audit(null, all.get(1).id(), 2)))
                .extracting(AuditEntry::act)
                .containsExactly("act 5", "act 4");
        assertThat(await(access.audit("another", Long.MAX_VALUE, 100))).isEmpty();
        assertThat(all.get(0).time()).isEqualTo(NOW);
    }

    @Test
    void aTokenIsChangedOnlyInItsOrganisation() {
        await(access.addToken(token("t", "default"), entry("a")));
        assertThat(await(access.changeToken("other", "t", token -> token.revokedAt(NOW), entry("x"))))
                .isNull();
        assertThat(await(access.removeToken("other", "t", entry("x")))).isFalse();
        StoredToken rotated = await(
                access.changeToken("default", "t", token -> token.rotated("new hash", NOW.plusSeconds(9)), entry("r")));
        assertThat(rotated.secretHash()).isEqualTo("new hash");
        assertThat(rotated.previousHash()).isEqualTo("hash of t");
        assertThat(await(access.token("t"))).isEqualTo(rotated);
        assertThat(await(access.removeToken("default", "t", entry("x")))).isTrue();
        assertThat(await(access.token("t"))).isNull();
    }

    @Test
    void whatIsNotFoundLeavesNoEntry() {
        await(access.changeToken(null, "none", token -> token.revokedAt(NOW), entry("revoked")));
        await(access.removeToken(null, "none", entry("removed")));
        await(access.removeOrganisation("none", entry("org")));
        assertThat(await(access.audit(null, Long.MAX_VALUE, 10))).isEmpty();
    }

    @Test
    void theFirstTokenIsGivenOnceHoweverManyStartAtOnce() {
        List<Boolean> given = await(Flux.range(0, 8)
                .flatMap(i -> access.addFirstToken(token("first" + i, "default"), entry("first")), 8)
                .collectList());
        assertThat(given).filteredOn(yes -> yes).hasSize(1);
        String id = await(access.tokens("default")).get(0).id();
        await(access.removeToken(null, id, entry("removed")));
        assertThat(await(access.addFirstToken(token("later", "default"), entry("first"))))
                .isFalse();
    }

    @Test
    void theKeyIsThatOfWhoCameFirst() {
        assertThat(await(access.state("another key")).sealKey()).isEqualTo("first key");
    }

    @Test
    void organisationsAreAddedLimitedAndRemoved() {
        Organisation acme = new Organisation("acme", NOW, new OrganisationLimits(1, 2, 3, 4, 5));
        await(access.addOrganisation(acme, entry("a")));
        assertThat(await(access.organisations())).extracting(Organisation::name).containsExactly("acme", "default");
        assertThat(await(access.organisations())).contains(acme);
        assertFails(() -> await(access.addOrganisation(acme, entry("a"))), CommonError.CONFLICT);
        Organisation changed = new Organisation("acme", NOW, new OrganisationLimits(6, 7, 8, 9, 10));
        assertThat(await(access.changeOrganisation(changed, entry("c")))).isTrue();
        assertThat(await(access.organisations())).contains(changed);
        assertThat(await(access.changeOrganisation(new Organisation("none", NOW, OrganisationLimits.NONE), entry("c"))))
                .isFalse();

        await(access.addToken(token("t", "acme"), entry("a")));
        await(catalog().createDatabase(new DatabaseId("acme", "iot")));
        assertFails(() -> await(access.removeOrganisation("acme", entry("r"))), CommonError.CONFLICT);
        await(access.addOrganisation(new Organisation("empty", NOW, OrganisationLimits.NONE), entry("a")));
        await(access.addToken(token("e", "empty"), entry("a")));
        assertThat(await(access.removeOrganisation("empty", entry("r")))).isTrue();
        assertThat(await(access.token("e"))).isNull();
        assertThat(await(access.token("t"))).isNotNull();
    }

    @Test
    void aTokenNeedsItsOrganisation() {
        assertFails(() -> await(access.addToken(token("t", "nobody"), entry("a"))), CommonError.ORGANISATION_NOT_FOUND);
    }

    @Test
    void changesAtOnceAreAllMade() {
        await(Flux.fromStream(IntStream.range(0, 20).boxed())
                .flatMap(i -> access.addToken(token("t" + i, "default"), entry("a")), 8)
                .then());
        assertThat(await(access.tokens("default"))).hasSize(20);
        @Nullable Long revision = await(access.revision());
        assertThat(revision).isGreaterThanOrEqualTo(20L);
    }
}
