package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class FactoryOptionsTest {

    private static SqliteConnectionConfiguration read(String url) {
        return new FactoryOptionsReader(ConnectionFactoryOptions.parse(url)).read();
    }

    @Test
    void theDriverIsFoundByItsName() {
        SqliteConnectionFactoryProvider provider = new SqliteConnectionFactoryProvider();
        assertThat(provider.getDriver()).isEqualTo("sqlite");
        assertThat(provider.supports(ConnectionFactoryOptions.parse("r2dbc:sqlite:file:///a.db")))
                .isTrue();
        assertThat(provider.supports(ConnectionFactoryOptions.parse("r2dbc:other:file:///a.db")))
                .isFalse();
        assertThat(ConnectionFactories.get("r2dbc:sqlite:mem:///").getMetadata().getName())
                .isEqualTo("SQLite");
    }

    @Test
    void defaults() {
        SqliteConnectionConfiguration configuration = read("r2dbc:sqlite:file:///data/app.db");
        assertThat(configuration.location()).isEqualTo(new DatabaseLocation.OnDisk(Path.of("/data/app.db")));
        assertThat(configuration.busyTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(configuration.statementTimeout()).isEqualTo(Duration.ZERO);
        assertThat(configuration.journalMode()).isEqualTo(JournalMode.WAL);
        assertThat(configuration.synchronous()).isEqualTo(SynchronousMode.FULL);
        assertThat(configuration.foreignKeys()).isTrue();
        assertThat(configuration.readOnly()).isFalse();
        assertThat(configuration.threads()).isEqualTo(10);
        assertThat(configuration.scheduler()).isNull();
    }

    @Test
    void everyOptionOfTheUrlIsRead() {
        SqliteConnectionConfiguration configuration = read(
                "r2dbc:sqlite:///data/app.db?busyTimeout=250ms"
                        + "&statementTimeout=PT1.5S&journalMode=delete&synchronous=extra&foreignKeys=false&readOnly=TRUE&threads=3");
        assertThat(configuration.busyTimeout()).isEqualTo(Duration.ofMillis(250));
        assertThat(configuration.statementTimeout()).isEqualTo(Duration.ofMillis(1500));
        assertThat(configuration.journalMode()).isEqualTo(JournalMode.DELETE);
        assertThat(configuration.synchronous()).isEqualTo(SynchronousMode.EXTRA);
        assertThat(configuration.foreignKeys()).isFalse();
        assertThat(configuration.readOnly()).isTrue();
        assertThat(configuration.threads()).isEqualTo(3);
    }

    @Test
    void typedOptionsAreReadAsTheyAre() {
        Scheduler scheduler = Schedulers.immediate();
        SqliteConnectionConfiguration configuration = new FactoryOptionsReader(ConnectionFactoryOptions.builder()
                        .option(ConnectionFactoryOptions.DRIVER, "sqlite")
                        .option(SqliteConnectionFactoryProvider.PATH, "relative/app.db")
                        .option(ConnectionFactoryOptions.LOCK_WAIT_TIMEOUT, Duration.ofMinutes(2))
                        .option(ConnectionFactoryOptions.STATEMENT_TIMEOUT, Duration.ofSeconds(9))
                        .option(SqliteConnectionFactoryProvider.JOURNAL_MODE, JournalMode.TRUNCATE)
                        .option(SqliteConnectionFactoryProvider.SYNCHRONOUS, SynchronousMode.NORMAL)
                        .option(SqliteConnectionFactoryProvider.FOREIGN_KEYS, false)
                        .option(SqliteConnectionFactoryProvider.READ_ONLY, true)
                        .option(SqliteConnectionFactoryProvider.THREADS, 4)
                        .option(SqliteConnectionFactoryProvider.SCHEDULER, scheduler)
                        .build())
                .read();
        assertThat(configuration.location())
                .isEqualTo(
                        new DatabaseLocation.OnDisk(Path.of("relative/app.db").toAbsolutePath()));
        assertThat(configuration.busyTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(configuration.statementTimeout()).isEqualTo(Duration.ofSeconds(9));
        assertThat(configuration.journalMode()).isEqualTo(JournalMode.TRUNCATE);
        assertThat(configuration.synchronous()).isEqualTo(SynchronousMode.NORMAL);
        assertThat(configuration.foreignKeys()).isFalse();
        assertThat(configuration.readOnly()).isTrue();
        assertThat(configuration.threads()).isEqualTo(4);
        assertThat(configuration.scheduler()).isSameAs(scheduler);
    }

    @ParameterizedTest
    @CsvSource({
        "r2dbc:sqlite:file:///a/b.db, /a/b.db",
        "r2dbc:sqlite:///a/b.db, /a/b.db",
        "r2dbc:sqlite:file:////a/b.db, /a/b.db",
        "r2dbc:sqlite:file:///./a/b.db, a/b.db",
        "r2dbc:sqlite:file:///a%20b/c.db, /a b/c.db",
        "r2dbc:sqlite:file:///?path=a/b.db, a/b.db",
    })
    void filesAreNamedByUrls(String url, String path) {
        assertThat(read(url).location()).isEqualTo(new DatabaseLocation.OnDisk(Path.of(path)));
    }

    @ParameterizedTest
    @CsvSource({"r2dbc:sqlite:mem:///shop", "r2dbc:sqlite::memory:///shop"})
    void memoryIsNamedByUrls(String url) {
        assertThat(read(url).location()).isEqualTo(new DatabaseLocation.InMemory("shop"));
    }

    @Test
    void memoryWithoutANameIsPrivate() {
        assertThat(read("r2dbc:sqlite:mem:///").location())
                .isNotEqualTo(read("r2dbc:sqlite:mem:///").location());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "r2dbc:sqlite:///a.db?bussyTimeout=5s|unknown option [bussyTimeout] for driver sqlite (expected one of [busyTimeout,",
                "r2dbc:sqlite:///a.db?busyTimeout=soon|option busyTimeout \"soon\" (expected: a duration such as 500ms, 5s, 2m or PT1.5S)",
                "r2dbc:sqlite:///a.db?busyTimeout=PT-1S|busyTimeout PT-1S (expected: zero or more)",
                "r2dbc:sqlite:///a.db?statementTimeout=x|option statementTimeout \"x\" (expected: a duration",
                "r2dbc:sqlite:///a.db?journalMode=off|option journalMode \"off\" (expected: one of [WAL, DELETE, TRUNCATE, PERSIST, MEMORY])",
                "r2dbc:sqlite:///a.db?synchronous=2|option synchronous \"2\" (expected: one of [OFF, NORMAL, FULL, EXTRA])",
                "r2dbc:sqlite:///a.db?foreignKeys=on|option foreignKeys \"on\" (expected: true or false)",
                "r2dbc:sqlite:///a.db?readOnly=1|option readOnly \"1\" (expected: true or false)",
                "r2dbc:sqlite:///a.db?threads=many|option threads \"many\" (expected: a whole number, 1 or more)",
                "r2dbc:sqlite:///a.db?threads=0|threads 0 (expected: 1 or more)",
                "r2dbc:sqlite:///a.db?scheduler=io|option scheduler \"io\" (expected: a reactor.core.scheduler.Scheduler",
                "r2dbc:sqlite:///a.db?busyTimeout=5s&lockWaitTimeout=PT5S|both options busyTimeout and lockWaitTimeout",
                "r2dbc:sqlite:///a.db?path=b.db|both the URL's path \"a.db\" and option path \"b.db\"",
                "r2dbc:sqlite:tcp:///a.db|protocol \"tcp\" (expected: file or mem)",
                "r2dbc:sqlite://a.db|host \"a.db\" in the URL (expected: no host, three slashes",
                "r2dbc:sqlite://me:secret@/a.db|unknown option [password, user]",
                "r2dbc:sqlite:///|no database file (expected: r2dbc:sqlite:file:///data/app.db, or option path)",
                "r2dbc:sqlite:///a%3Fb.db|contains '?'",
                "r2dbc:sqlite:mem:///a%20b|in-memory database name \"a b\" (expected: letters, digits",
                "r2dbc:sqlite:mem:///?path=a.db|option path \"a.db\" of an in-memory database (expected: none)",
                "r2dbc:sqlite:mem:///a?readOnly=true|readOnly of an in-memory database",
            })
    void whatIsWrongIsNamed(String url, String message) {
        assertThatThrownBy(() -> read(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void optionsOfThePoolAreLeftToThePool() {
        assertThat(read("r2dbc:sqlite:///a.db?maxSize=5&initialSize=1&poolName=x&validationDepth=REMOTE")
                        .threads())
                .isEqualTo(10);
    }

    @Test
    void aConfigurationNeedsADatabase() {
        assertThatThrownBy(() -> SqliteConnectionConfiguration.builder().build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no database (expected: path(...) or inMemory(...))");
    }
}
