package io.weir.common.batch;

import java.util.function.IntUnaryOperator;

/** For how many rows the arrays of one batch are made: as many as are forecast, else twice as many as before. */
final class RowCapacity {

    private IntUnaryOperator forecast = rows -> 0;
    private int rows;

    /** Asks {@code forecast} from now on; see {@link BatchBuilder#forecast}. */
    void forecast(IntUnaryOperator rowsInAll) {
        this.forecast = rowsInAll;
    }

    /** The number of rows an array that must hold {@code needed} of them is made for. */
    int atLeast(int needed) {
        if (rows < needed) {
            int rowsInAll = forecast.applyAsInt(needed - 1);
            rows = rowsInAll >= needed ? rowsInAll : Growth.next(rows, needed);
        }
        return rows;
    }
}
