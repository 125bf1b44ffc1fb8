package io.weir.common.error;

/** A stable identity of one way to fail. Each module lists its own in an enum. */
public interface ErrorCode {

    /** Stable kebab-case id, part of {@code urn:weir:problem:<id>}. */
    String id();

    /** Whose fault it is. */
    ErrorKind kind();

    /** HTTP status it is answered with. */
    int status();

    /** Short title for people, the same for every occurrence. */
    String title();

    /** Whether sending the same request again later can succeed. */
    default boolean retryable() {
        return kind() == ErrorKind.CAPACITY || kind() == ErrorKind.EXTERNAL;
    }
}
