using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Another view, and what is asked of it.</summary>
internal sealed class WatchedView(IDataView view) : IDataView
{
    /// <summary>For each cursor, the columns that were asked for.</summary>
    public List<string> Asked { get; } = [];

    public int OpenCursors { get; private set; }

    /// <summary>How many rows were moved to.</summary>
    public int Moves { get; private set; }

    /// <summary>Called before a row is moved to.</summary>
    public Action<int> Moving { get; init; } = _ => { };

    public bool CanShuffle => view.CanShuffle;

    public DataViewSchema Schema => view.Schema;

    public long? GetRowCount() => view.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Asked.Add(string.Join(' ', columnsNeeded.OrderBy(column => column.Index).Select(column => column.Name)));
        OpenCursors++;
        return new Cursor(this, view.GetRowCursor(columnsNeeded, rand));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(WatchedView owner, DataViewRowCursor cursor) : DataViewRowCursor
    {
        private bool _disposed;

        public override long Position => cursor.Position;

        public override long Batch => cursor.Batch;

        public override DataViewSchema Schema => cursor.Schema;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => cursor.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => cursor.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => cursor.IsColumnActive(column);

        public override bool MoveNext()
        {
            owner.Moving(++owner.Moves);
            return cursor.MoveNext();
        }

        protected override void Dispose(bool disposing)
        {
            if (!_disposed) owner.OpenCursors--;
            _disposed = true;
            cursor.Dispose();
            base.Dispose(disposing);
        }
    }
}
