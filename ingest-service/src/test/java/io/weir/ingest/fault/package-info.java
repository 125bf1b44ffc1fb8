/** Fakes that fail on purpose: a catalog and an object store, with the faults they meet. Start at {@link io.weir.ingest.fault.Faults}. */
package io.weir.ingest.fault;
