package io.weir.common.schema;

/**
 * One column of a measurement besides {@code time}.
 *
 * @param name name as written by the first client that used it
 * @param type what it holds; fixed for ever by that first use
 */
public record Column(String name, ColumnType type) {}
