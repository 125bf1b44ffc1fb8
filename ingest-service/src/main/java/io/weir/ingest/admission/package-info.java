/**
 * Owns who gets in: the memory of the process, of each organisation and of each request, from the headers of a request
 * until its rows are in files. Start at {@link io.weir.ingest.admission.Admission}.
 */
@NullMarked
package io.weir.ingest.admission;

import org.jspecify.annotations.NullMarked;
