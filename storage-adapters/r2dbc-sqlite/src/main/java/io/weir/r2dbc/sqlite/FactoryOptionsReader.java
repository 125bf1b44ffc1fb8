package io.weir.r2dbc.sqlite;

import static io.r2dbc.spi.ConnectionFactoryOptions.DATABASE;
import static io.r2dbc.spi.ConnectionFactoryOptions.DRIVER;
import static io.r2dbc.spi.ConnectionFactoryOptions.HOST;
import static io.r2dbc.spi.ConnectionFactoryOptions.LOCK_WAIT_TIMEOUT;
import static io.r2dbc.spi.ConnectionFactoryOptions.PROTOCOL;
import static io.r2dbc.spi.ConnectionFactoryOptions.STATEMENT_TIMEOUT;

import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/** Turns R2DBC options, typed or as the text of a URL, into a configuration; names the option that is wrong. */
final class FactoryOptionsReader {
    private static final Set<String> OWN = Stream.of(
                    SqliteConnectionFactoryProvider.PATH,
                    SqliteConnectionFactoryProvider.BUSY_TIMEOUT,
                    SqliteConnectionFactoryProvider.JOURNAL_MODE,
                    SqliteConnectionFactoryProvider.SYNCHRONOUS,
                    SqliteConnectionFactoryProvider.FOREIGN_KEYS,
                    SqliteConnectionFactoryProvider.READ_ONLY,
                    SqliteConnectionFactoryProvider.THREADS,
                    SqliteConnectionFactoryProvider.SCHEDULER,
                    LOCK_WAIT_TIMEOUT,
                    STATEMENT_TIMEOUT)
            .map(Option::name)
            .collect(Collectors.toCollection(TreeSet::new));

    /** Part of every URL, so not worth listing as a choice. */
    private static final Set<String> URL_PARTS = Set.of(DRIVER.name(), PROTOCOL.name(), DATABASE.name(), HOST.name());

    /** r2dbc-pool passes every option it was given on to the driver, its own included. */
    private static final Set<String> OF_THE_POOL = Set.of(
            "acquireRetry",
            "backgroundEvictionInterval",
            "initialSize",
            "maxSize",
            "minIdle",
            "maxAcquireTime",
            "maxCreateConnectionTime",
            "maxIdleTime",
            "maxLifeTime",
            "maxValidationTime",
            "poolName",
            "postAllocate",
            "preRelease",
            "registerJmx",
            "validationDepth",
            "validationQuery");

    private static final Pattern WINDOWS_DRIVE = Pattern.compile("[A-Za-z]:[/\\\\].*");

    private final ConnectionFactoryOptions options;

    FactoryOptionsReader(ConnectionFactoryOptions options) {
        this.options = options;
    }

    SqliteConnectionConfiguration read() {
        rejectUnknown();
        SqliteConnectionConfiguration.Builder builder = SqliteConnectionConfiguration.builder();
        readLocation(builder);
        readDuration(busyTimeoutOption(), builder::busyTimeout);
        readDuration(STATEMENT_TIMEOUT, builder::statementTimeout);
        readEnum(SqliteConnectionFactoryProvider.JOURNAL_MODE, JournalMode.class, builder::journalMode);
        readEnum(SqliteConnectionFactoryProvider.SYNCHRONOUS, SynchronousMode.class, builder::synchronous);
        readBoolean(SqliteConnectionFactoryProvider.FOREIGN_KEYS, builder::foreignKeys);
        readBoolean(SqliteConnectionFactoryProvider.READ_ONLY, builder::readOnly);
        read(SqliteConnectionFactoryProvider.THREADS, "a whole number, 1 or more", this::toInteger, builder::threads);
        read(
                SqliteConnectionFactoryProvider.SCHEDULER,
                "a reactor.core.scheduler.Scheduler, which a URL cannot give",
                value -> value instanceof Scheduler scheduler ? scheduler : null,
                builder::scheduler);
        return builder.build();
    }

    private void rejectUnknown() {
        Set<String> unknown = new TreeSet<>();
        // The only way the interface offers to list the options is a copy with a filter.
        ConnectionFactoryOptions.builder().from(options, option -> {
            String name = option.name();
            if (!OWN.contains(name) && !URL_PARTS.contains(name) && !OF_THE_POOL.contains(name)) {
                unknown.add(name);
            }
            return false;
        });
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown option " + unknown + " for driver sqlite (expected one of " + OWN + ")");
        }
    }

    private void readLocation(SqliteConnectionConfiguration.Builder builder) {
        String protocol = text(PROTOCOL);
        String database = text(DATABASE);
        String path = text(SqliteConnectionFactoryProvider.PATH);
        String host = text(HOST);
        if (host != null) {
            throw new IllegalArgumentException("host \"" + host
                    + "\" in the URL (expected: no host, three slashes, as in r2dbc:sqlite:file:///data/app.db)");
        }
        switch (protocol == null ? "file" : protocol) {
            case "file" -> builder.path(filePath(database, path));
            case "mem", ":memory" -> readMemory(builder, database, path);
            default -> throw new IllegalArgumentException("protocol \"" + protocol + "\" (expected: file or mem)");
        }
    }

    private static Path filePath(@Nullable String database, @Nullable String path) {
        if (database != null && path != null) {
            throw new IllegalArgumentException("both the URL's path \"" + database + "\" and option path \"" + path
                    + "\" (expected: one of them)");
        }
        if (database == null && path == null) {
            throw new IllegalArgumentException(
                    "no database file (expected: r2dbc:sqlite:file:///data/app.db, or option path)");
        }
        String file = path != null ? path : absolute(String.valueOf(database));
        try {
            return Path.of(file);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("path \"" + file + "\" (expected: a valid file path)", e);
        }
    }

    /** Gives the URL's path its leading slash back, which R2DBC's parser takes away. */
    private static String absolute(String database) {
        boolean asWritten = database.startsWith("/")
                || database.startsWith("./")
                || database.startsWith("../")
                || WINDOWS_DRIVE.matcher(database).matches();
        return asWritten ? database : "/" + database;
    }

    private static void readMemory(
            SqliteConnectionConfiguration.Builder builder, @Nullable String name, @Nullable String path) {
        if (path != null) {
            throw new IllegalArgumentException(
                    "option path \"" + path + "\" of an in-memory database (expected: none)");
        }
        if (name == null) {
            builder.inMemory();
        } else {
            builder.inMemory(name);
        }
    }

    private Option<Duration> busyTimeoutOption() {
        Option<Duration> own = SqliteConnectionFactoryProvider.BUSY_TIMEOUT;
        if (options.hasOption(own) && options.hasOption(LOCK_WAIT_TIMEOUT)) {
            throw new IllegalArgumentException(
                    "both options busyTimeout and lockWaitTimeout (expected: one, they mean the same)");
        }
        return options.hasOption(own) ? own : LOCK_WAIT_TIMEOUT;
    }

    private void readDuration(Option<Duration> option, Consumer<Duration> target) {
        read(
                option,
                "a duration such as 500ms, 5s, 2m or PT1.5S",
                value -> value instanceof Duration duration
                        ? duration
                        : Durations.parse(option.name(), value.toString()),
                target);
    }

    private <E extends Enum<E>> void readEnum(Option<E> option, Class<E> type, Consumer<E> target) {
        read(
                option,
                "one of " + Arrays.toString(type.getEnumConstants()),
                value -> Arrays.stream(type.getEnumConstants())
                        .filter(constant -> constant == value
                                || constant.name().equals(value.toString().toUpperCase(Locale.ROOT)))
                        .findFirst()
                        .orElse(null),
                target);
    }

    private void readBoolean(Option<Boolean> option, Consumer<Boolean> target) {
        read(
                option,
                "true or false",
                value -> switch (value.toString().toLowerCase(Locale.ROOT)) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> null;
                },
                target);
    }

    private @Nullable Integer toInteger(Object value) {
        String text = value.toString();
        return text.matches("\\d{1,9}") ? Integer.valueOf(text) : null;
    }

    /** Applies the option when present; a converter that answers null means the value is not the expected one. */
    private <T> void read(
            Option<T> option, String expected, Function<Object, @Nullable T> converter, Consumer<T> target) {
        Object value = options.getValue(option);
        if (value == null) {
            return;
        }
        T converted = converter.apply(value);
        if (converted == null) {
            throw new IllegalArgumentException(
                    "option " + option.name() + " \"" + value + "\" (expected: " + expected + ")");
        }
        target.accept(converted);
    }

    private @Nullable String text(Option<String> option) {
        Object value = options.getValue(option);
        // r2dbc-pool passes an empty protocol when its own URL had none.
        return value == null || value.toString().isEmpty() ? null : value.toString();
    }
}
