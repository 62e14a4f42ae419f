using Microsoft.Extensions.Time.Testing;
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
        ["unique"] = (
            () => new ExpectationRows().Column("a").Unique(), "a:Integer,b:Integer\n1,1\n,2\n,3\n2,4", "a:Integer\n1\n2\n3\n4\n1\n2"),
        ["matches"] = (
            () => new ExpectationRows().Column("a").Matches("^[0-9]{5}$"), "a:Text\n12345\n00000", "a:Text\n12345\n1234\nx12345"),
        ["length"] = (
            () => new ExpectationRows().Column("a").LengthBetween(2, 3), "a:Text,b:Integer\nxy,1\n,2\nxyz,3", "a:Text\nx\nxy\nwxyz"),
        ["increasing"] = (
            () => new ExpectationRows().Column("a").IsIncreasing(), "a:Integer,b:Integer\n1,1\n,2\n1,3\n5,4", "a:Integer\n1\n3\n2\n2\n1"),
        ["strictly increasing"] = (
            () => new ExpectationRows().Column("a").IsIncreasing(strictly: true),
            "a:Number,b:Integer\n1,1\n,2\n1.5,3\n5,4",
            "a:Number\n1\n3\n3\n3.5"),
        ["mean"] = (() => new ExpectationRows().Column("a").MeanBetween(1, 2), "a:Number,b:Integer\n0,1\n,2\n3,3", "a:Number\n0\n9"),
        ["quantile"] = (() => new ExpectationRows().Column("a").QuantileBetween(0.5, 1, 2), "a:Number\n0\n1\n90", "a:Number\n0\n90\n91"),
        ["fresh"] = (
            () => new ExpectationRows().Column("a").NotOlderThan(TimeSpan.FromDays(2), Clock),
            "a:Timestamp,b:Integer\n2019-01-01,1\n,2\n2024-05-30,3",
            "a:Timestamp\n2024-05-29\n2019-01-01"),
        ["occurs in a table"] = (
            () => new ExpectationRows().Column("a").OccursIn(Reference, "id"), "a:Integer,b:Integer\n3,1\n,2\n1,3", "a:Integer\n3\n4\n1"),
        ["occurs in a source"] = (
            () => new ExpectationRows().Column("a").OccursIn(DataSources.Objects([new { Id = 1.0 }, new { Id = 3.0 }], "ids"), "id"),
            "a:Integer,b:Integer\n3,1\n,2\n1,3",
            "a:Integer\n3\n4\n1"),
        ["ordered"] = (
            () => new ExpectationRows().Columns("a", "b").AreOrdered(),
            "a:Timestamp,b:Timestamp\n2024-01-01,2024-01-01\n,2020-01-01\n2024-01-01,2024-01-02",
            "a:Timestamp,b:Timestamp\n2024-01-01,2024-01-02\n2024-01-02,2024-01-01"),
        ["equal"] = (() => new ExpectationRows().Columns("a", "b").AreEqual(), "a:Text,b:Text\nx,x\n,x", "a:Text,b:Text\nx,x\nx,y"),
        ["add up"] = (
            () => new ExpectationRows().Columns("a", "b").AddUpTo("c"),
            "a:Number,b:Number,c:Number\n0.1,0.2,0.3\n,1,5",
            "a:Number,b:Number,c:Number\n0.1,0.2,0.3\n1,2,4"),
        ["unique together"] = (
            () => new ExpectationRows().Unique("a", "b"), "a:Integer,b:Integer\n1,1\n1,2\n1,\n1,", "a:Integer,b:Integer\n1,1\n2,1\n1,1"),
        ["condition"] = (
            () => new ExpectationRows().Fulfil("paid what was billed", row => row.Number("a") <= row.Number("b")),
            "a:Number,b:Integer\n1,1\n,2\n1,",
            "a:Number,b:Integer\n1,1\n2,1"),
        ["row count"] = (() => new ExpectationRows().RowCount(2, 3), "a:Integer\n1\n2\n3", "a:Integer\n1\n2\n3\n4"),
    };

    private static FakeTimeProvider Clock => new(new DateTimeOffset(2024, 6, 1, 0, 0, 0, TimeSpan.Zero));

    private static Dataset Reference =>
        Dataset.FromBatches(Tables.Batch("id:Integer\n1\n3\n3").Schema, [Tables.Batch("id:Integer\n1\n3\n3")]);

    public static IEnumerable<string> Names => Cases.Keys;

    protected override RecordBatch Passing => Tables.Batch(Cases[name].Passing);

    protected override RecordBatch Failing => Tables.Batch(Cases[name].Failing);

    protected override bool ReadsColumns => name != "row count";

    protected override IExpectation Create() => Cases[name].Create();
}
