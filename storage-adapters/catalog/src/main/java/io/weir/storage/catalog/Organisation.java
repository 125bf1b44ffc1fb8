package io.weir.storage.catalog;

import io.weir.common.limit.OrganisationLimits;
import java.time.Instant;

/**
 * An owner of databases and tokens.
 *
 * @param name unique
 * @param created when it was made
 * @param limits how much it may use
 */
public record Organisation(String name, Instant created, OrganisationLimits limits) {}
