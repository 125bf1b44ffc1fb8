package io.weir.standalone.cli.client;

import java.time.Duration;

/**
 * What the server says at the end of a result.
 *
 * @param rows rows in the result
 * @param executionTime time the server took
 * @param truncated whether a row limit cut the result short
 */
public record QuerySummary(long rows, Duration executionTime, boolean truncated) {}
