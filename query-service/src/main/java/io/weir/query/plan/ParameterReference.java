package io.weir.query.plan;

/**
 * One use of a bind parameter.
 *
 * @param identifier its name, or its number for {@code ?} and {@code $1}
 * @param startByte where it starts in the statement's UTF-8
 * @param lengthBytes how long it is
 */
record ParameterReference(String identifier, int startByte, int lengthBytes) {}
