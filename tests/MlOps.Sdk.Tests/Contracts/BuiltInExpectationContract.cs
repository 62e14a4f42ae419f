using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

[TestFixtureSource(nameof(Names))]
public sealed class BuiltInExpectationContract(string name) : ExpectationContract
{
    private static readonly Dictionary<string, (Func<IExpectation> Create, string Passing, string Failing)> Cases = new()
    {
        ["not null"] = (() => new ExpectationRows().Column("a").NotNull(), "a:Text\nx\ny", "a:Text,b:Integer\nx,1\n,2\ny,3"),
        ["between"] = (() => new ExpectationRows().Column("a").Between(0, 2), "a:Number,b:Integer\n0,1\n,2\n2,3", "a:Number\n1\n3\n-1\n2"),
        ["in"] = (() => new ExpectationRows().Column("a").In("x", "y"), "a:Text,b:Integer\nx,1\n,2\ny,3", "a:Text\nx\nz\ny\nX"),
        ["unique"] = (() => new ExpectationRows().Column("a").Unique(), "a:Integer,b:Integer\n1,1\n,2\n,3\n2,4", "a:Integer\n1\n2\n3\n4\n1\n2"),
        ["row count"] = (() => new ExpectationRows().RowCount(2, 3), "a:Integer\n1\n2\n3", "a:Integer\n1\n2\n3\n4"),
    };

    public static IEnumerable<string> Names => Cases.Keys;

    protected override RecordBatch Passing => Tables.Batch(Cases[name].Passing);

    protected override RecordBatch Failing => Tables.Batch(Cases[name].Failing);

    protected override bool ReadsColumns => name != "row count";

    protected override IExpectation Create() => Cases[name].Create();
}
