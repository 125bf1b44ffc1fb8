package io.weir.query.engine;

import java.nio.file.Path;
import java.util.List;

/**
 * Where the engine reads and spills, which the process decides and not the query service.
 *
 * @param data absolute directories that hold data files; the engine opens no file outside of them
 * @param spill absolute directory of this process alone; emptied at start
 */
public record QueryDirectories(List<Path> data, Path spill) {

    public QueryDirectories {
        data = List.copyOf(data);
    }
}
