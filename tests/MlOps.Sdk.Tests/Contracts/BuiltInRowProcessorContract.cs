using MlOps.Sdk.Data;
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
        ["derive number"] = () => new DeriveColumn("new", ExpressionTranslator.Translate((Row row) => row.Number("amount") * 2)),
        ["derive truth"] = () => new DeriveColumn("new", ExpressionTranslator.Translate((Row row) => row.Number("visits") > 3)),
        ["derive text"] = () => new DeriveColumn("new", ExpressionTranslator.Translate((Row row) => row.Text("plan"))),
    };

    public static IEnumerable<string> Names => Steps.Keys;

    protected override IRowProcessor Create() => Steps[name]();

    protected override void AddReaders(FormatReaders readers) => BuiltInRowProcessors.AddTo(readers);
}
