package io.weir.common.health;

import java.util.Map;
import java.util.function.Supplier;

/**
 * What health tells of a part, to those who have a token.
 *
 * @param name of the member
 * @param values its members in order, as of now; must not block
 */
public record HealthDetail(String name, Supplier<Map<String, Object>> values) {}
