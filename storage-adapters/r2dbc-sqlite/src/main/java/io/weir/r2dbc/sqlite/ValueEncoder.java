package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.Blob;
import io.r2dbc.spi.Clob;
import io.r2dbc.spi.Parameter;
import io.weir.r2dbc.sqlite.StatementBindings.BoundValue;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Turns Java values into what SQLite stores: INTEGER, REAL, TEXT, BLOB or NULL.
 *
 * <p>Numbers that fit become INTEGER or REAL; {@code BigDecimal} and larger {@code BigInteger} become TEXT, which keeps
 * every digit; dates and times become ISO-8601 TEXT.
 */
final class ValueEncoder {
    private ValueEncoder() {}

    /** Encodes what the caller gave to {@code bind}; {@link IllegalArgumentException} for null and unknown types. */
    static BoundValue encode(@Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException("value is null (expected: a value; bindNull binds NULL)");
        }
        if (value instanceof Parameter parameter) {
            if (parameter instanceof Parameter.Out) {
                throw new IllegalArgumentException("an OUT parameter (expected: an IN parameter, SQLite has no other)");
            }
            Object inner = parameter.getValue();
            return inner == null ? new BoundValue(null) : new BoundValue(toStored(inner));
        }
        return new BoundValue(toStored(value));
    }

    private static Object toStored(Object value) {
        if (value instanceof String || value instanceof Long) {
            return value;
        }
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value instanceof Boolean bool) {
            return bool ? 1L : 0L;
        }
        if (value instanceof Double || value instanceof Float) {
            return real(((Number) value).doubleValue());
        }
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        if (value instanceof BigInteger number) {
            return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number.toString();
        }
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        }
        if (value instanceof ByteBuffer buffer) {
            return bytes(buffer);
        }
        if (value instanceof Enum<?> constant) {
            return constant.name();
        }
        if (isText(value)) {
            return value.toString();
        }
        if (value instanceof Blob || value instanceof Clob) {
            return value;
        }
        throw new IllegalArgumentException(
                "value of " + value.getClass().getName()
                        + " (expected: a number, Boolean, text, byte[], ByteBuffer, Blob, Clob, UUID, enum, or java.time date or time)");
    }

    private static Double real(double value) {
        if (Double.isNaN(value)) {
            throw new IllegalArgumentException(
                    "value is NaN (expected: a number or bindNull, SQLite would store NULL)");
        }
        return value;
    }

    /** Types whose {@code toString} is the form to store. */
    private static boolean isText(Object value) {
        return value instanceof CharSequence
                || value instanceof Character
                || value instanceof UUID
                || value instanceof Instant
                || value instanceof LocalDate
                || value instanceof LocalTime
                || value instanceof LocalDateTime
                || value instanceof OffsetDateTime
                || value instanceof ZonedDateTime;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** The values in order, with every Blob and Clob collected into memory: SQLite takes a value as a whole. */
    static Mono<@Nullable Object[]> collectLobs(@Nullable Object[] values) {
        return Flux.range(0, values.length)
                .filter(index -> values[index] instanceof Blob || values[index] instanceof Clob)
                .concatMap(index -> collect(values[index]).doOnNext(collected -> values[index] = collected), 1)
                .then(Mono.just(values));
    }

    private static Mono<?> collect(@Nullable Object lob) {
        if (lob instanceof Clob clob) {
            return Flux.from(clob.stream())
                    .collect(StringBuilder::new, StringBuilder::append)
                    .map(StringBuilder::toString);
        }
        if (!(lob instanceof Blob blob)) {
            return Mono.empty();
        }
        return Flux.from(blob.stream())
                .collect(ByteArrayOutputStream::new, (collected, buffer) -> collected.writeBytes(bytes(buffer)))
                .map(ByteArrayOutputStream::toByteArray);
    }
}
