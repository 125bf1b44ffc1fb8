package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.r2dbc.spi.Blob;
import io.r2dbc.spi.Clob;
import io.r2dbc.spi.Parameters;
import io.r2dbc.spi.R2dbcType;
import io.r2dbc.spi.Row;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class ValueConversionTest extends SqliteFixture {
    private SqliteConnection connection;

    @BeforeEach
    void connect() {
        connection = open();
    }

    private Row row(String sql, Object... values) {
        SqliteStatement statement = connection.createStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.bind(i, values[i]);
        }
        return await(statement.execute().concatMap(result -> result.map((row, metadata) -> row)));
    }

    static Stream<Object> values() {
        return Stream.of(
                Long.MIN_VALUE,
                Integer.MAX_VALUE,
                (short) -3,
                (byte) 7,
                1.5d,
                Double.NEGATIVE_INFINITY,
                2.25f,
                true,
                new BigDecimal("12345678901234567890.123456789"),
                BigInteger.TWO.pow(100),
                BigInteger.TEN,
                "",
                "text with \u0000 NUL and \uD83D\uDE00",
                'c',
                UUID.fromString("4b5f6a0e-6f0a-4a4e-9b6e-0d6f7d2c9a11"),
                DayOfWeek.FRIDAY,
                ByteBuffer.wrap(new byte[] {0, 1, -1}),
                Instant.parse("2026-11-20T10:15:30.123456789Z"),
                LocalDate.of(2026, 11, 20),
                LocalTime.of(10, 15, 30),
                LocalDateTime.of(2026, 11, 20, 10, 15),
                OffsetDateTime.of(2026, 11, 20, 10, 15, 30, 0, ZoneOffset.ofHours(-5)),
                ZonedDateTime.of(2026, 11, 20, 10, 15, 30, 0, ZoneId.of("Europe/Paris")));
    }

    @ParameterizedTest
    @MethodSource("values")
    void valuesComeBackAsTheyWereBound(Object value) {
        Class<?> type = value instanceof ByteBuffer ? ByteBuffer.class : value.getClass();
        assertThat((Object) row("SELECT ?", value).get(0, type)).isEqualTo(value);
    }

    @Test
    void bytesComeBackAlsoWhenEmpty() {
        assertThat(row("SELECT ?", new byte[] {1, 2}).get(0, byte[].class)).containsExactly(1, 2);
        assertThat(row("SELECT ?", new byte[0]).get(0, byte[].class)).isEmpty();
    }

    @Test
    void boundBytesMayBeChangedAfterwards() {
        byte[] bytes = {1};
        SqliteStatement statement = connection.createStatement("SELECT ?").bind(0, bytes);
        bytes[0] = 2;
        byte[] stored = await(statement.execute().concatMap(r -> r.map((row, md) -> row.get(0, byte[].class))));
        assertThat(stored).containsExactly(1);
    }

    @Test
    void lobsAreCollectedAndRead() {
        Blob blob = Blob.from(Flux.just(ByteBuffer.wrap(new byte[] {1}), ByteBuffer.wrap(new byte[] {2, 3})));
        Clob clob = Clob.from(Flux.just("ab", "c"));
        Row row = row("SELECT ?, ?", blob, clob);
        assertThat(await(Flux.from(row.get(0, Blob.class).stream()))).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(awaitAll(row.get(1, Clob.class).stream()).toString()).isEqualTo("[abc]");
    }

    @Test
    void anErrorOfALobIsTheErrorOfTheStatement() {
        Blob broken = Blob.from(Mono.error(new IllegalStateException("no more bytes")));
        assertThat(failure(
                        connection.createStatement("SELECT ?").bind(0, broken).execute()))
                .hasMessage("no more bytes");
    }

    @Test
    void parametersCarryTypesAndNulls() {
        Row row = row("SELECT ?, ?", Parameters.in(R2dbcType.INTEGER, 5), Parameters.in(String.class));
        assertThat(row.get(0)).isEqualTo(5L);
        assertThat(row.get(1)).isNull();
    }

    @Test
    void integersReadAsIntegerWhenDeclaredAndSmallElseAsLong() {
        run(update(connection, "CREATE TABLE t (a INTEGER, b BIGINT)"));
        run(update(connection, "INSERT INTO t VALUES (1, 1), (5000000000, 1)"));
        assertThat(awaitAll(select(connection, "SELECT a FROM t"))).containsExactly(1, 5_000_000_000L);
        assertThat(awaitAll(select(connection, "SELECT b FROM t LIMIT 1"))).containsExactly(1L);
        assertThat(awaitAll(select(connection, "SELECT count(*) FROM t"))).containsExactly(2L);
    }

    @Test
    void columnsTellTheirTypes() {
        run(update(connection, "CREATE TABLE t (a INTEGER, b VARCHAR(10), c REAL, d BLOB, e BIGINT, f DECIMAL(4, 2))"));
        SqliteResult result = await(
                connection.createStatement("SELECT *, count(*) AS n FROM t").execute());
        SqliteRowMetadata metadata = (SqliteRowMetadata) await(result.map((row, columns) -> columns));
        assertThat(metadata.getColumnMetadatas().stream().map(SqliteColumnMetadata::getJavaType))
                .containsExactly(
                        Integer.class,
                        String.class,
                        Double.class,
                        ByteBuffer.class,
                        Long.class,
                        Object.class,
                        Long.class);
        assertThat(metadata.getColumnMetadata("B").getType().getName()).isEqualTo("VARCHAR");
        assertThat(metadata.getColumnMetadata("b").getNativeTypeMetadata()).isEqualTo("VARCHAR");
    }

    @Test
    void currentTimestampIsUtc() {
        Row row = row("SELECT '2026-11-20 10:15:30'");
        assertThat(row.get(0, Instant.class)).isEqualTo(Instant.parse("2026-11-20T10:15:30Z"));
        assertThat(row.get(0, LocalDateTime.class)).isEqualTo("2026-11-20T10:15:30");
    }

    @Test
    void conversionsThatWouldLoseSomethingAreRefused() {
        Row row = row("SELECT 5000000000 AS big, 1.5 AS half, 'abc' AS word, x'00' AS bytes, 2 AS two");
        assertRefused(
                row,
                "big",
                Integer.class,
                "column \"big\" holds \"5000000000\" (expected: a value for java.lang.Integer)");
        assertRefused(row, "half", Long.class, "column \"half\" holds \"1.5\"");
        assertRefused(row, "word", Integer.class, "column \"word\" holds \"abc\"");
        assertRefused(row, "word", Instant.class, "column \"word\" holds \"abc\"");
        assertRefused(row, "word", UUID.class, "column \"word\" holds \"abc\"");
        assertRefused(row, "word", DayOfWeek.class, "not one of [MONDAY");
        assertRefused(row, "word", Character.class, "not one character");
        assertRefused(row, "bytes", String.class, "column \"bytes\" holds a BLOB of 1 bytes");
        assertRefused(row, "two", Boolean.class, "neither 0, 1, true nor false");
        assertRefused(row, "two", byte[].class, "a number is not bytes");
        assertRefused(row, "two", Thread.class, "no conversion to that type");
    }

    private static void assertRefused(Row row, String column, Class<?> type, String message) {
        assertThatThrownBy(() -> row.get(column, type))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void valuesSqliteCannotStoreAreRefused() {
        SqliteStatement statement = connection.createStatement("SELECT ?");
        assertThatThrownBy(() -> statement.bind(0, Double.NaN)).hasMessageContaining("value is NaN");
        assertThatThrownBy(() -> statement.bind(0, new Object()))
                .hasMessageStartingWith("value of java.lang.Object (expected: a number");
        assertThatThrownBy(() -> statement.bind(0, Parameters.out(R2dbcType.INTEGER)))
                .hasMessageContaining("OUT parameter");
    }

    @Test
    void bindingMistakesNameTheParameter() {
        SqliteStatement statement = connection.createStatement("SELECT :a, ?");
        assertThatThrownBy(() -> statement.bind(2, 1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("parameter index 2 (expected one of [0, 1], counted from 0)");
        assertThatThrownBy(() -> statement.bind("b", 1)).hasMessageContaining("parameter \"b\" (expected one of [a])");
        assertThatThrownBy(() -> statement.bind("a", 1).execute())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no value for parameter index [1]");
    }
}
