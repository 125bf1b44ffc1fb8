package io.weir.ingest.admission;

/**
 * What the headers of a request tell about the memory it needs.
 *
 * @param wireBytes length of the body as sent; negative when unknown
 * @param leastBytes bytes it cannot do without, 0 when unknown; a request that needs more than it may is refused for good
 * @param expectedBytes bytes it probably needs besides what is read ahead; reserved before the body is read
 */
public record RequestSize(long wireBytes, long leastBytes, long expectedBytes) {}
