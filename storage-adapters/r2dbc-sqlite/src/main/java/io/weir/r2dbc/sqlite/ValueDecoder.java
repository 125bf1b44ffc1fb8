package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.Blob;
import io.r2dbc.spi.Clob;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * Turns what SQLite stores (Long, Double, String or byte[]) into the Java type asked for.
 *
 * <p>SQLite types values, not columns, so any stored type may meet any wanted type: a conversion that would lose
 * something is an {@link IllegalArgumentException}, never a rounded value.
 */
final class ValueDecoder {
    private static final Map<Class<?>, Function<Object, Object>> DECODERS = decoders();

    private ValueDecoder() {}

    static <T> T decode(Object stored, Class<T> type, SqliteColumnMetadata column) {
        try {
            if (type == Object.class) {
                return type.cast(byStorage(stored, column));
            }
            if (type.isEnum()) {
                return type.cast(constant(text(stored), type));
            }
            Function<Object, Object> decoder = DECODERS.get(type);
            if (decoder == null) {
                throw new IllegalArgumentException("no conversion to that type");
            }
            return type.cast(decoder.apply(stored));
        } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
            throw new IllegalArgumentException(
                    "column \"" + column.getName() + "\" holds " + describe(stored) + " (expected: a value for "
                            + type.getName() + "): " + e.getMessage(),
                    e);
        }
    }

    /** The type a caller gets who asks for none. */
    private static Object byStorage(Object stored, SqliteColumnMetadata column) {
        if (stored instanceof Long number && column.isNarrowInteger() && number == number.intValue()) {
            return number.intValue();
        }
        return stored instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : stored;
    }

    private static Map<Class<?>, Function<Object, Object>> decoders() {
        Map<Class<?>, Function<Object, Object>> decoders = new HashMap<>();
        decoders.put(
                Long.class,
                stored -> stored instanceof Long ? stored : decimal(stored).longValueExact());
        decoders.put(Integer.class, stored -> decimal(stored).intValueExact());
        decoders.put(Short.class, stored -> decimal(stored).shortValueExact());
        decoders.put(Byte.class, stored -> decimal(stored).byteValueExact());
        decoders.put(
                Double.class, stored -> stored instanceof Number n ? n.doubleValue() : Double.valueOf(text(stored)));
        decoders.put(Float.class, stored -> stored instanceof Number n ? n.floatValue() : Float.valueOf(text(stored)));
        decoders.put(Number.class, stored -> stored instanceof Number ? stored : decimal(stored));
        decoders.put(BigDecimal.class, ValueDecoder::decimal);
        decoders.put(BigInteger.class, stored -> decimal(stored).toBigIntegerExact());
        decoders.put(Boolean.class, ValueDecoder::bool);
        decoders.put(String.class, ValueDecoder::text);
        decoders.put(CharSequence.class, ValueDecoder::text);
        decoders.put(Character.class, ValueDecoder::character);
        decoders.put(UUID.class, stored -> UUID.fromString(text(stored)));
        decoders.put(byte[].class, ValueDecoder::bytes);
        decoders.put(ByteBuffer.class, stored -> ByteBuffer.wrap(bytes(stored)));
        decoders.put(Blob.class, stored -> Blob.from(Mono.fromSupplier(() -> ByteBuffer.wrap(bytes(stored)))));
        decoders.put(Clob.class, stored -> Clob.from(Mono.just(text(stored))));
        decoders.put(LocalDate.class, stored -> LocalDate.parse(text(stored)));
        decoders.put(LocalTime.class, stored -> LocalTime.parse(text(stored)));
        decoders.put(LocalDateTime.class, stored -> LocalDateTime.parse(isoText(stored)));
        decoders.put(OffsetDateTime.class, ValueDecoder::offsetDateTime);
        decoders.put(ZonedDateTime.class, ValueDecoder::zonedDateTime);
        decoders.put(Instant.class, stored -> offsetDateTime(stored).toInstant());
        return Map.copyOf(decoders);
    }

    private static BigDecimal decimal(Object stored) {
        if (stored instanceof Long number) {
            return BigDecimal.valueOf(number);
        }
        return stored instanceof Double number ? BigDecimal.valueOf(number) : new BigDecimal(text(stored));
    }

    private static Object bool(Object stored) {
        return switch (text(stored).toLowerCase(Locale.ROOT)) {
            case "1", "true" -> true;
            case "0", "false" -> false;
            default -> throw new IllegalArgumentException("neither 0, 1, true nor false");
        };
    }

    private static Object character(Object stored) {
        String text = text(stored);
        if (text.length() != 1) {
            throw new IllegalArgumentException("not one character");
        }
        return text.charAt(0);
    }

    private static String text(Object stored) {
        if (stored instanceof byte[]) {
            throw new IllegalArgumentException("a BLOB is not text");
        }
        return stored.toString();
    }

    private static byte[] bytes(Object stored) {
        if (stored instanceof byte[] bytes) {
            return bytes;
        }
        if (stored instanceof String string) {
            return string.getBytes(StandardCharsets.UTF_8);
        }
        throw new IllegalArgumentException("a number is not bytes");
    }

    private static Object constant(String name, Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> ((Enum<?>) constant).name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("not one of " + Arrays.toString(type.getEnumConstants())));
    }

    /** Accepts the blank of SQLite's CURRENT_TIMESTAMP where ISO-8601 has a T. */
    private static String isoText(Object stored) {
        String text = text(stored);
        return text.length() > 10 && text.charAt(10) == ' ' ? text.substring(0, 10) + 'T' + text.substring(11) : text;
    }

    /** A time without an offset is in UTC, as SQLite's own functions answer. */
    private static OffsetDateTime offsetDateTime(Object stored) {
        String text = isoText(stored);
        boolean hasOffset = text.endsWith("Z") || text.lastIndexOf('+') > 10 || text.lastIndexOf('-') > 10;
        return hasOffset
                ? ZonedDateTime.parse(text).toOffsetDateTime()
                : LocalDateTime.parse(text).atOffset(ZoneOffset.UTC);
    }

    private static Object zonedDateTime(Object stored) {
        String text = isoText(stored);
        return text.endsWith("]")
                ? ZonedDateTime.parse(text)
                : offsetDateTime(stored).toZonedDateTime();
    }

    private static String describe(Object stored) {
        if (stored instanceof byte[] bytes) {
            return "a BLOB of " + bytes.length + " bytes";
        }
        String text = stored.toString();
        return '"' + (text.length() > 60 ? text.substring(0, 60) + "…" : text) + '"';
    }
}
