using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

[TestFixtureSource(nameof(Names))]
public sealed class BuiltInRowProcessorContract(string name) : RowProcessorContract
{
    private static readonly Dictionary<string, Func<IRowProcessor>> Steps = new()
    {
        ["rename"] = () => new RenameColumn("amount", "price"),
        ["cast"] = () => new CastColumn("visits", ColumnType.Text),
        ["drop"] = () => new DropColumns(["plan", "visits"]),
        ["fill"] = () => new FillConstant("plan", "none"),
        ["fill number"] = () => new FillConstant("amount", "0.5"),
        ["normalize"] = () => new NormalizeText("plan", trim: true, lower: true, collapseSpaces: true),
        ["parse dates"] = () => new ParseDates("date", ["yyyy-MM-dd HH:mm"], "Europe/Berlin", ""),
        ["derive number"] = () => new DeriveColumn("new", ExpressionTranslator.Translate((RowValues row) => row.Number("amount") * 2)),
        ["derive truth"] = () => new DeriveColumn("new", ExpressionTranslator.Translate((RowValues row) => row.Number("visits") > 3)),
        ["derive text"] = () => new DeriveColumn("new", ExpressionTranslator.Translate((RowValues row) => row.Text("plan"))),
    };

    public static IEnumerable<string> Names => Steps.Keys;

    protected override RecordBatch Rows => name == "parse dates" ? WithDates(base.Rows) : base.Rows;

    protected override IRowProcessor Create() => Steps[name]();

    protected override void AddReaders(FormatReaders readers) => BuiltInRowProcessors.AddTo(readers);

    private static RecordBatch WithDates(RecordBatch rows)
    {
        var dates = new TextColumnBuilder();
        for (var row = 0; row < rows.RowCount; row++) dates.Append(row % 5 == 0 ? null : $"2024-0{1 + row % 9}-1{row % 7} 0{row % 10}:30");
        return new RecordBatch(new Schema([.. rows.Schema, new Field("date", ColumnType.Text)]), [.. rows.Columns, dates.Build()]);
    }
}
