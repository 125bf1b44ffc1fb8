package io.weir.query.cache;

import static io.weir.query.cache.AnswerSource.Kind.HIT;
import static io.weir.query.cache.AnswerSource.Kind.MISS;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.weir.common.model.TableId;
import io.weir.common.signal.Signals;
import io.weir.query.TestTables;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.compress.ResultCompression;
import io.weir.query.snapshot.TableVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;

/** What one process made, another need not make again, and never gets in place of anything else (C5, C6; invariant 8). */
@Timeout(120)
class SharedResultsTest {

    private static final String COUNT = "SELECT count(*) AS c FROM cpu";

    @TempDir
    Path directory;

    private final FakeNetwork network = new FakeNetwork();
    private CacheRig rig;
    private QueryCache other;
    private Disposable following;
    private TableId cpu;

    @BeforeEach
    void open() {
        rig = new CacheRig(directory, CacheRig.settings(), network, network.signals());
        cpu = rig.tables.create(CacheRig.DATABASE, "cpu");
        rig.tables.write(cpu, 0, 100);
        Signals signals = network.signals();
        other = rig.another(CacheRig.settings(), network, signals);
        following = other.follow().subscribe();
    }

    @AfterEach
    void close() {
        following.dispose();
        assertThat(rig.tables.heldParts()).isZero();
        rig.close();
    }

    /** A statement is looked up from its second time on: tells the other process of it without a result to keep. */
    private void learn(String sql) {
        rig.ask(other, rig.request(TestTables.ORGANISATION, sql, ResultCompression.NONE, 1, Duration.ofSeconds(60)));
    }

    @Test
    void whatOneProcessMadeTheOtherAnswersFromWithoutARun() {
        learn(COUNT);
        assertThat(rig.ask(COUNT).kind()).isEqualTo(MISS);
        int runs = rig.runs.get();
        CacheRig.Answer answer = rig.ask(other, rig.request(COUNT));
        assertThat(answer.kind()).isEqualTo(HIT);
        assertThat(answer.text()).isEqualTo("{\"c\":100}\n");
        assertThat(answer.rows()).isEqualTo(1);
        assertThat(other.sharedHits()).isEqualTo(1);
        network.entries.clear();
        assertThat(rig.ask(other, rig.request(COUNT)).kind())
                .as("it is kept there too")
                .isEqualTo(HIT);
        assertThat(rig.runs).hasValue(runs);
        assertThat(other.stats().hits()).isEqualTo(2);
    }

    @Test
    void newRowsAreANewKey() {
        learn(COUNT);
        rig.ask(COUNT);
        rig.tables.write(cpu, 100, 1);
        assertThat(rig.ask(other, rig.request(COUNT)).text()).contains("101");
        assertThat(other.sharedHits()).isZero();
        assertThat(other.sharedMisses()).isPositive();
        assertThat(rig.ask(COUNT).kind()).as("which the other one made").isEqualTo(HIT);
        assertThat(network.keys().filter(key -> key.startsWith(TestTables.ORGANISATION + ":")))
                .hasSameSizeAs(network.entries.keySet());
    }

    @Test
    void whatIsForgottenHereIsForgottenThere() {
        List<Selection> selections = List.of(
                new Selection(TestTables.ORGANISATION, null, null, null, null),
                new Selection(TestTables.ORGANISATION, null, "*from cpu*", null, null),
                new Selection(TestTables.ORGANISATION, null, null, CacheRig.DATABASE, null),
                new Selection(TestTables.ORGANISATION, null, null, CacheRig.DATABASE, "cpu"),
                new Selection(TestTables.ORGANISATION, null, null, null, "cpu"));
        learn(COUNT);
        for (Selection selection : selections) {
            rig.ask(COUNT);
            assertThat(rig.ask(other, rig.request(COUNT)).kind()).isEqualTo(HIT);
            assertThat(rig.cache.invalidate(selection).block())
                    .as("%s", selection)
                    .isEqualTo(1);
            assertThat(rig.ask(other, rig.request(COUNT)).kind())
                    .as("%s", selection)
                    .isEqualTo(MISS);
            assertThat(rig.ask(COUNT).kind()).isEqualTo(HIT);
        }
    }

    @Test
    void oneQuestionIsForgottenByItsKeyAndNoOtherIs() {
        String sum = "SELECT sum(n) AS s FROM cpu";
        learn(COUNT);
        learn(sum);
        rig.ask(COUNT);
        rig.ask(sum);
        AnswerSource source = new AnswerSource();
        CacheRig.joined(rig.cache.answer(rig.request(COUNT), source));
        rig.cache
                .invalidate(new Selection(TestTables.ORGANISATION, source.key(), null, null, null))
                .block();
        assertThat(rig.ask(other, rig.request(COUNT)).kind()).isEqualTo(MISS);
        assertThat(rig.ask(other, rig.request(sum)).kind()).isEqualTo(HIT);
    }

    @Test
    void anEntryThatIsDamagedOrNotThereIsMadeAgain() {
        learn(COUNT);
        rig.ask(COUNT);
        network.entries.replaceAll(
                (key, entry) -> new FakeNetwork.Entry(entry.generations(), Arrays.copyOf(entry.value(), 30)));
        assertThat(rig.ask(other, rig.request(COUNT)).text()).isEqualTo("{\"c\":100}\n");
        network.away = true;
        assertThat(rig.ask("SELECT max(n) AS m FROM cpu").text()).isEqualTo("{\"m\":99}\n");
        assertThat(rig.ask("SELECT max(n) AS m FROM cpu").kind()).isEqualTo(HIT);
    }

    @Test
    void whatIsTooLargeToBeSharedIsKeptHereAlone() {
        String large = "SELECT string_agg(md5(a.n::VARCHAR || b.n::VARCHAR), '') AS s FROM cpu a, cpu b";
        rig.ask(large);
        assertThat(rig.ask(large).kind()).isEqualTo(HIT);
        assertThat(network.entries).isEmpty();
    }

    @Test
    void aResultIsItselfAgainAndWhatIsNotOneIsNone() {
        Random random = new Random(7);
        byte[] piece = new byte[300];
        random.nextBytes(piece);
        CachedResult result = new CachedResult(
                "SELECT 'é'",
                List.of(
                        new CachedResult.Piece(piece, 0),
                        new CachedResult.Piece(
                                Zstd.compress("text ".repeat(100).getBytes(StandardCharsets.UTF_8), 1), 500)),
                41,
                true);
        byte[] bytes = ResultBytes.write(result);
        assertThat((long) bytes.length).isLessThanOrEqualTo(ResultBytes.size(result));
        CachedResult read = ResultBytes.read(bytes);
        assertThat(read.sql()).isEqualTo(result.sql());
        assertThat(read.rows()).isEqualTo(41);
        assertThat(read.truncated()).isTrue();
        assertThat(CacheRig.joined(read.body())).isEqualTo(CacheRig.joined(result.body()));
        for (int length = 0; length < bytes.length; length++) {
            assertThat(ResultBytes.read(Arrays.copyOf(bytes, length)))
                    .as("cut at %d", length)
                    .isNull();
        }
        for (int at = 2; at < bytes.length; at++) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            assertThat(ResultBytes.read(flipped)).as("flipped at %d", at).isNull();
        }
        assertThat(ResultBytes.read(Arrays.copyOf(bytes, bytes.length + 1))).isNull();
    }

    @Test
    void aSelectionIsItselfAgainAndWhatIsNotOneIsNone() {
        for (Selection selection : List.of(
                new Selection("org", null, null, null, null),
                new Selection("org", "0123", "*é*", "", "cpu"),
                new Selection("", null, null, "db", null))) {
            byte[] bytes = SelectionBytes.write(selection);
            assertThat(SelectionBytes.read(bytes)).isEqualTo(selection);
            for (int length = 0; length < bytes.length; length++) {
                assertThat(SelectionBytes.read(Arrays.copyOf(bytes, length))).isNull();
            }
            assertThat(SelectionBytes.read(Arrays.copyOf(bytes, bytes.length + 1)))
                    .isNull();
        }
    }

    @Test
    void whateverTellsResultsApartTellsTheirKeysApart() {
        Set<String> keys = new HashSet<>();
        int count = 0;
        TableVersion version = new TableVersion(new TableId("org", "main", "cpu"), "f:1 ", "1.2.3");
        TableVersion newer = new TableVersion(new TableId("org", "main", "cpu"), "f:2 ", "1.2.3");
        TableVersion committed = new TableVersion(new TableId("org", "main", "cpu"), "f:1 ", "1.3.3");
        TableVersion second = new TableVersion(new TableId("org", "main", "cpu2"), "f:1 ", "1.2.3");
        for (Set<TableVersion> versions :
                List.of(Set.of(version), Set.of(newer), Set.of(committed), Set.of(second), Set.of(version, second))) {
            for (String statement : List.of("a", "ab", "a\u0000b")) {
                for (QueryParameters parameters : List.of(
                        QueryParameters.none(),
                        QueryParameters.positional(List.of("b")),
                        QueryParameters.positional(List.of("b", "b")),
                        QueryParameters.positional(List.of(1L)),
                        QueryParameters.positional(List.of("1")),
                        QueryParameters.positional(List.of("Aa", "BB")),
                        QueryParameters.positional(List.of("BB", "Aa")))) {
                    for (String database : List.of("main", "mainf", "m")) {
                        CacheSubject subject = new CacheSubject(
                                "org",
                                database,
                                statement,
                                parameters,
                                ResultFormat.JSON,
                                NumberForm.NUMBER,
                                1,
                                ResultCompression.GZIP);
                        SharedKey key = SharedKey.of(new CacheKey(subject, versions));
                        assertThat(key.key()).startsWith("org:").hasSize(68);
                        assertThat(key).isEqualTo(SharedKey.of(new CacheKey(subject, versions)));
                        keys.add(key.key());
                        count++;
                    }
                }
            }
        }
        assertThat(keys).hasSize(count);
    }
}
