package io.weir.storage.check;

import static io.weir.storage.upkeep.StoreFixture.GRACE;
import static io.weir.storage.upkeep.StoreFixture.await;
import static io.weir.storage.upkeep.StoreFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.weir.storage.catalog.DataFile;
import io.weir.storage.upkeep.StoreFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store out of step with its catalog, in every way, is found so, and repaired without guessing. REQUIREMENTS S7. */
class StorageCheckTest {

    private static final Duration OLD = GRACE.plusHours(1);
    private static final int ROWS = 30;

    @TempDir
    Path directory;

    private StoreFixture fixture;
    private CheckTally tally = new CheckTally();
    private byte[] parquet;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(directory);
        parquet = parquet("SELECT i::DOUBLE AS load, 'h' || i AS host FROM range(" + ROWS + ") t(i)");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private byte[] parquet(String select) {
        Path file = directory.resolve("made.parquet");
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            statement.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet, ROW_GROUP_SIZE 2048)");
            return Files.readAllBytes(file);
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void good(String name) {
        fixture.put(key(name), parquet, OLD);
        fixture.commit(key(name), ROWS, parquet.length);
    }

    private List<Finding> check(boolean repair, boolean dropMissing) {
        tally = new CheckTally();
        StorageCheck check = new StorageCheck(
                fixture.store(),
                fixture.upkeep(),
                new CheckOptions(GRACE, true, repair, dropMissing),
                Clock.systemUTC(),
                fixture.io());
        return await(check.run(tally).flatMapIterable(some -> some).collectList());
    }

    private List<Finding> check() {
        return check(false, false);
    }

    private void breakEverything() {
        good("good");
        fixture.put(key("orphan"), parquet, OLD);
        fixture.put(key("young"), parquet, GRACE.minusMinutes(5));
        fixture.put("backup/of/somebody.parquet", new byte[9], OLD);
        fixture.commit(key("missing"), 7, 99);
        fixture.put(key("size"), Arrays.copyOf(parquet, parquet.length - 1), OLD);
        fixture.commit(key("size"), ROWS, parquet.length);
        fixture.put(key("rows"), parquet, OLD);
        fixture.commit(key("rows"), ROWS + 1, parquet.length);
        byte[] torn = parquet.clone();
        torn[torn.length - 1] = 'X';
        fixture.put(key("footer"), torn, OLD);
        fixture.commit(key("footer"), ROWS, torn.length);
        await(fixture.upkeep().condemn(List.of(key("removed"))));
        fixture.put(key("removed"), parquet, OLD);
    }

    @Test
    void whatIsInStepHasNoFindings() {
        assertThat(check()).isEmpty();
        for (int n = 0; n < 5; n++) {
            good("f" + n);
        }
        assertThat(check()).isEmpty();
        assertThat(tally.files()).isEqualTo(5);
        assertThat(tally.bytes()).isEqualTo(5L * parquet.length);
        assertThat(tally.findings()).isEmpty();
    }

    @Test
    void everyKindIsFoundAndNothingIsChanged() {
        breakEverything();
        List<String> before = fixture.stored();
        List<Finding> findings = check();
        int size = parquet.length;
        assertThat(findings)
                .extracting(
                        Finding::kind, Finding::key, finding -> finding.detail().replaceAll(", put .*", ""))
                .containsExactly(
                        tuple(
                                FindingKind.FOOTER,
                                key("footer"),
                                "it does not begin and end as Parquet does (expected: PAR1)"),
                        tuple(
                                FindingKind.MISSING,
                                key("missing"),
                                "the store has no such object (expected: 99 bytes, 7 rows)"),
                        tuple(FindingKind.ORPHAN, key("orphan"), "the catalog knows no such file; " + size + " bytes"),
                        tuple(
                                FindingKind.ROWS,
                                key("rows"),
                                "the object has " + ROWS + " rows (expected: " + (ROWS + 1) + ")"),
                        tuple(
                                FindingKind.SIZE,
                                key("size"),
                                "the object has " + (size - 1) + " bytes (expected: " + size + ")"));
        assertThat(tally.files()).isEqualTo(5);
        assertThat(tally.uncommittedObjects()).isEqualTo(1);
        assertThat(tally.objectsAwaitingRemoval()).isEqualTo(1);
        assertThat(tally.unrepaired()).isEqualTo(5);
        assertThat(check()).isEqualTo(findings);
        assertThat(fixture.stored()).isEqualTo(before);
    }

    @Test
    void aRepairRemovesOrphansAndNeverGuesses() {
        breakEverything();
        List<Finding> findings = check(true, false);
        assertThat(findings.stream().filter(Finding::repaired).map(Finding::kind))
                .containsExactly(FindingKind.ORPHAN);
        assertThat(tally.unrepaired()).isEqualTo(4);
        assertThat(fixture.stored())
                .containsExactlyInAnyOrder(
                        key("good"),
                        key("young"),
                        key("size"),
                        key("rows"),
                        key("footer"),
                        "backup/of/somebody.parquet");
        check();
        assertThat(tally.findings())
                .isEqualTo(Map.of(
                        FindingKind.MISSING, 1L, FindingKind.SIZE, 1L, FindingKind.ROWS, 1L, FindingKind.FOOTER, 1L));
    }

    @Test
    void aMissingFileIsDroppedOnlyWhenThatIsAskedFor() {
        good("good");
        fixture.commit(key("missing"), 7, 99);
        assertThat(check(true, false).get(0).repaired()).isFalse();
        assertThat(await(fixture.upkeep().files("").collectList())).hasSize(2);
        assertThat(check(true, true).get(0).repaired()).isTrue();
        assertThat(await(fixture.upkeep().files("").map(DataFile::objectKey).collectList()))
                .containsExactly(key("good"));
        assertThat(check()).isEmpty();
    }

    @Test
    void aStoreThatCannotBeListedIsNotCheckedAndNotRepaired() { // LESSONS 21
        for (int n = 0; n < 10; n++) {
            good("f" + n);
        }
        fixture.put(key("orphan"), parquet, OLD);
        for (int listed : new int[] {0, 5, 11}) {
            fixture.store().failListingsAfter(listed);
            assertThatThrownBy(() -> check(true, true)).hasMessageContaining("injected");
            assertThat(await(fixture.upkeep().files("").collectList())).hasSize(10); // nothing was lost
            assertThat(fixture.stored()).hasSize(11);
        }
    }

    @Test
    void anotherCatalogIsNotCheckedAgainst() throws IOException {
        good("good");
        fixture.close();
        for (String suffix : new String[] {"", "-wal", "-shm"}) {
            Files.deleteIfExists(directory.resolve("catalog.db" + suffix));
        }
        fixture = new StoreFixture(directory);
        assertThatThrownBy(() -> check(true, true)).hasMessageContaining("the store belongs to catalog");
        assertThat(fixture.stored()).hasSize(1);
    }

    @Test
    void aFooterLongerThanTheTailIsReadToo() {
        StringBuilder wide = new StringBuilder("SELECT 1 AS c0");
        for (int n = 1; n < 400; n++) {
            wide.append(", i + ")
                    .append(n)
                    .append(" AS column_with_a_long_name_")
                    .append(n);
        }
        byte[] large = parquet(wide + " FROM range(9000) t(i)");
        fixture.put(key("wide"), large, OLD);
        fixture.commit(key("wide"), 9000, large.length);
        assertThat(check()).isEmpty();
    }

    @Test
    void whateverAFooterSaysIsAFindingAndNoFailure() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int footer =
                parquet.length - 8 - (parquet[parquet.length - 8] & 0xff) - ((parquet[parquet.length - 7] & 0xff) << 8);
        for (int n = 0; n < 200; n++) {
            byte[] flipped = parquet.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                flipped[footer + random.nextInt(parquet.length - footer)] ^= (byte) (1 << random.nextInt(8));
            }
            fixture.put(key("f" + n), flipped, OLD);
            fixture.commit(key("f" + n), ROWS, flipped.length);
        }
        assertThat(check())
                .isNotEmpty()
                .allSatisfy(finding -> assertThat(finding.kind()).isIn(FindingKind.FOOTER, FindingKind.ROWS));
        assertThat(tally.files()).isEqualTo(200);
    }

    @Test
    void anObjectTooShortForParquetIsAFinding() {
        for (int length : new int[] {0, 1, 8, 11, 12, 13}) {
            fixture.put(key("f" + length), new byte[length], OLD);
            fixture.commit(key("f" + length), ROWS, length);
        }
        assertThat(check())
                .hasSize(6)
                .allSatisfy(finding -> assertThat(finding.kind()).isEqualTo(FindingKind.FOOTER));
    }
}
