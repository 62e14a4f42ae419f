using System.Runtime.CompilerServices;
using Microsoft.ML;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>The rows of a view as a data source: repeatable, with a version by content. Thread-safe.</summary>
internal sealed class DataViewSource : IDataSource
{
    private readonly IDataView _view;
    private readonly IReadOnlyList<ViewField> _fields;
    private readonly Schema _schema;

    /// <exception cref="MlOpsException">A column does not exist, is named twice, or cannot be read.</exception>
    public DataViewSource(string name, IDataView view, IEnumerable<string>? columns)
    {
        Name = name;
        _view = view;
        var chosen = columns is null
            ? view.Schema.Where(column => !column.IsHidden)
            : columns.Select(column => Find(view.Schema, column, name));
        _fields = ViewField.Of([.. chosen], name);
        if (_fields.Count == 0)
        {
            throw new MlOpsException("The view has no columns to read.", "Give a view with at least one column.") { DataSource = name };
        }
        _schema = new Schema(_fields.Select(field => field.Field));
    }

    public string Name { get; }

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        cancellationToken.ThrowIfCancellationRequested();
        if (request.After is not null)
        {
            throw new MlOpsException(
                "A view of ML.NET does not support OnlyNew.",
                "Remove OnlyNew, or give a view of the new rows.") { DataSource = Name };
        }
        var fields = request.Columns is { } columns ? [.. columns.Select(column => _fields[_schema.IndexOf(column)])] : _fields;
        var rows = new ViewRows(_view, fields, Name);
        if (rows.Schema.Count == 0)
        {
            throw new MlOpsException("No column is requested.", "Name at least one.") { DataSource = Name };
        }
        // Anew each time: a view over a file has other rows once the file has.
        var version = await Task.Run(
            () => RowsHash.Of(new ViewRows(_view, fields, Name), request.Malformed, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return new Scan(rows, version, [.. fields.Select(field => field.Note).OfType<string>()], request);
    }

    internal static DataViewSchema.Column Find(DataViewSchema schema, string column, string view) =>
        schema.GetColumnOrNull(column) ?? throw new MlOpsException(
            $"There is no column '{column}'.",
            $"The columns are: {string.Join(", ", schema.Where(one => !one.IsHidden).Take(40).Select(one => one.Name))}" +
                $"{(schema.Count > 40 ? ", …" : "")}.") { DataSource = view, Column = column };

    private sealed class Scan(ViewRows rows, ContentVersion version, IReadOnlyList<string> notes, ReadRequest request) : IDataScan
    {
        public Schema Schema => rows.Schema;

        public ContentVersion? Version => version;

        public IReadOnlyList<string> Notes => notes;

        public bool IsRepeatable => true;

        public IReadOnlyList<MalformedRow> TakeMalformed() => rows.TakeMalformed();

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask.ConfigureAwait(false);
            foreach (var batch in rows.Read(request.BatchSize, from?.Row ?? 0, request.Malformed, cancellationToken))
            {
                yield return batch;
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
