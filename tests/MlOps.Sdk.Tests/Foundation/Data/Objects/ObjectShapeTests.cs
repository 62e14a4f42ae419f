using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Data;

public sealed class ObjectShapeTests
{
    private enum Plan
    {
        Basic,
        Premium,
    }

    [Test]
    public void Schema_EveryType_IsMapped() => Assert.That(RowShape.Of<Everything>(), Is.EqualTo(new Schema(
        new Field("monthly_charges", ColumnType.Number),
        new Field("price", ColumnType.Number),
        new Field("tenure", ColumnType.Integer),
        new Field("is_senior", ColumnType.Boolean),
        new Field("contract", ColumnType.Text),
        new Field("plan", ColumnType.Text),
        new Field("grade", ColumnType.Text),
        new Field("since", ColumnType.Timestamp),
        new Field("born", ColumnType.Timestamp),
        new Field("Embedding", ColumnType.Vector, 2))));

    [Test]
    public void Bind_OwnSchema_AppendsEveryValue()
    {
        var shape = new ObjectShape<Everything>();
        var columns = Append(shape, shape.Schema, new Everything(), new Everything
        {
            MonthlyCharges = 29.85, Tenure = 3, Price = 1.5m, IsSenior = true, Contract = "One year", Plan = Plan.Premium, Grade = 'B',
            Since = new DateTimeOffset(2024, 1, 1, 1, 0, 0, TimeSpan.FromHours(1)), Born = new DateOnly(2000, 2, 3), Embedding = [1, 2]
        });
        Assert.That(
            columns.Select(column => column.GetText(0)),
            Is.EqualTo(new[] { null, "0", "0", null, null, "Basic", "\0", "0001-01-01T00:00:00.0000000Z", null, null }));
        Assert.That(columns.Select(column => column.GetText(1)), Is.EqualTo(new[]
        {
            "29.85", "1.5", "3", "true", "One year", "Premium", "B", "2024-01-01T00:00:00.0000000Z", "2000-02-03T00:00:00.0000000Z", "[1 2]"
        }));
    }

    [Test]
    public void Bind_OtherTypes_ConvertsWithoutLoss()
    {
        var target = new Schema(
            new Field("flag", ColumnType.Integer),
            new Field("bit", ColumnType.Boolean),
            new Field("count", ColumnType.Number),
            new Field("amount", ColumnType.Integer));
        var columns = Append(new ObjectShape<Loose>(), target, new Loose(true, 1, 7, 12.0, "ignored"));
        Assert.That(columns.Select(column => column.GetText(0)), Is.EqualTo(new[] { "1", "true", "7", "12" }));
    }

    [Test]
    public void Bind_ValueThatDoesNotFit_NamesTheColumn()
    {
        var shape = new ObjectShape<Loose>();
        Assert.That(
            () => Append(shape, new Schema(new Field("bit", ColumnType.Boolean)), new Loose(true, 2, 7, 1, "")),
            Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("bit"));
        Assert.That(
            () => Append(shape, new Schema(new Field("amount", ColumnType.Integer)), new Loose(true, 1, 7, 1.5, "")),
            Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("amount"));
    }

    [Test]
    public void Bind_NestedMembers_AreColumnsWithDottedNamesAndMissingWithTheirParent()
    {
        var shape = new ObjectShape<Outer>();

        var columns = Append(
            shape,
            shape.Schema,
            new Outer(1, new Inner("Bonn", new Point(2, null)), new Point(3, 4)),
            new Outer(2, null, null),
            new Outer(3, new Inner(null, default), null));

        Assert.That(
            shape.Schema.Select(field => field.Name),
            Is.EqualTo(new[] { "id", "home.city", "home.Place.x", "home.Place.y", "other.x", "other.y" }));
        Assert.That(
            Enumerable.Range(0, 3).Select(row => string.Join('|', columns.Select(column => column.GetText(row) ?? "∅"))),
            Is.EqualTo(new[] { "1|Bonn|2|∅|3|4", "2|∅|∅|∅|∅|∅", "3|∅|0|∅|∅|∅" }));
    }

    [Test]
    public void Bind_ClassThatHoldsItself_CanBeUsedForItsOtherColumns()
    {
        var columns = Append(
            new ObjectShape<Chain>(), new Schema(new Field("id", ColumnType.Integer)), new Chain { Id = 7, Next = new Chain() });

        Assert.That(columns[0].GetText(0), Is.EqualTo("7"));
        Assert.That(() => RowShape.Of<Chain>(), Throws.TypeOf<MlOpsException>().With.Message.Contains("Chain.Next"));
    }

    [Test]
    public void Bind_MissingMembers_ListsThem()
    {
        var target = new Schema(
            new Field("flag", ColumnType.Boolean), new Field("tenure", ColumnType.Integer), new Field("contract", ColumnType.Text));
        Assert.That(
            () => new ObjectShape<Loose>().Bind(target),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'tenure', 'contract'"));
    }

    [Test]
    public void Bind_TypeThatDoesNotFit_NamesTheProperty() =>
        Assert.That(
            () => new ObjectShape<Loose>().Bind(new Schema(new Field("text", ColumnType.Number))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Loose.Text"));

    [Test]
    public void Schema_UnsupportedMember_NamesIt() =>
        Assert.That(RowShape.Of<Unsupported>, Throws.TypeOf<MlOpsException>().With.Message.Contains("Unsupported.Children"));

    [Test]
    public void Schema_VectorWithoutLength_NamesIt() =>
        Assert.That(RowShape.Of<NoLength>, Throws.TypeOf<MlOpsException>().With.Message.Contains("NoLength.Vector"));

    [Test]
    public void Schema_TwoPropertiesForOneColumn_IsRefused() =>
        Assert.That(RowShape.Of<Twice>, Throws.TypeOf<MlOpsException>().With.Message.Contains("'tenure'"));

    [TestCase("LoanAge", "1")]
    [TestCase("loan_age", "2")]
    [TestCase("loanAge", "2")]
    [TestCase("LOAN_AGE", "2")]
    [TestCase("loanage", "1")]
    [TestCase("Decided", "3")]
    public void Bind_NamesOfManyKinds_TakesTheNearestMember(string column, string expected)
    {
        // Of two, the one that is exactly the name; a name in another case only where nothing is nearer.
        var target = new Schema(new Field(column, ColumnType.Integer));
        object row = expected == "2" ? new Snake(2) : new Pascal(1, 3);
        var columns = row is Snake snake
            ? Append(new ObjectShape<Snake>(), target, snake)
            : Append(new ObjectShape<Pascal>(), target, (Pascal)row);

        Assert.That(columns[0].GetText(0), Is.EqualTo(expected));
    }

    [Test]
    public void Bind_ExactNameBesideAnother_IsTakenFirst()
    {
        var both = new Both { Age = 1, age = 2, AGE = 3 };

        Assert.Multiple(() =>
        {
            foreach (var (column, expected) in new[] { ("Age", "1"), ("age", "2"), ("AGE", "3") })
            {
                Assert.That(
                    Append(new ObjectShape<Both>(), new Schema(new Field(column, ColumnType.Integer)), both)[0].GetText(0),
                    Is.EqualTo(expected));
            }

            Assert.That(
                () => new ObjectShape<Both>().Bind(new Schema(new Field("aGE", ColumnType.Integer))),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("Age and age"));
        });
    }

    [Test]
    public void Bind_MemberForTwoColumns_IsRefusedOrTakenByTheExactOne()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                () => new ObjectShape<Snake>().Bind(new Schema(
                    new Field("loan_age", ColumnType.Integer), new Field("loanAge", ColumnType.Integer))),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("'loan_age' and 'loanAge'"));
            Assert.That(
                () => new ObjectShape<Snake>().Bind(new Schema(
                    new Field("LoanAge", ColumnType.Integer), new Field("loan_age", ColumnType.Integer))),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("no property for the column 'loan_age'"));
        });
    }

    [Test]
    public void Bind_HiddenInheritedAndInitOnlyMembers_AreRead()
    {
        var target = new Schema(new Field("age", ColumnType.Integer), new Field("income", ColumnType.Number));
        string?[] Read<T>(T row) => [.. Append(new ObjectShape<T>(), target, row).Select(column => column.GetText(0))];

        Assert.Multiple(() =>
        {
            Assert.That(Read(new Hiding { Age = 40, Income = 50 }), Is.EqualTo(new[] { "40", "50" }));
            Assert.That(Read(new HidingMore { Age = 40, Income = 50 }), Is.EqualTo(new[] { "40", "50" }));
            Assert.That(Read<IIncome>(new Hiding { Age = 40, Income = 50 }), Is.EqualTo(new[] { "7", "50" }));
            Assert.That(Read(new Overriding { Age = 40, Income = 50 }), Is.EqualTo(new[] { "41", "50" }));
            Assert.That(Read(new Value { Age = 40, Income = 50 }), Is.EqualTo(new[] { "40", "50" }));
        });
    }

    [Test]
    public void Bind_MissingMember_NamesTheNearest() => Assert.That(
        () => new ObjectShape<Snake>().Bind(new Schema(new Field("loan_ages", ColumnType.Integer))),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Did you mean LoanAge?"));

    [Test]
    public void Append_Uncoded_AllocatesNothingPerRow()
    {
        var shape = new ObjectShape<Everything>();
        var builders = shape.Schema.Select(field => ColumnBuilder.Create(field.Type, field.Length, 4)).ToArray();
        var append = shape.Bind(shape.Schema, coded: false);
        var row = new Everything { MonthlyCharges = 1, Contract = "x", Embedding = [1, 2], Plan = Plan.Premium };
        void Pass()
        {
            append(row, builders);
            foreach (var builder in builders) builder.Clear();
        }

        for (var i = 0; i < 100; i++) Pass();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) Pass();

        // The character becomes a text of its own (32 bytes); nothing else may be allocated.
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThanOrEqualTo(56_000));
    }

    private static Column[] Append<T>(ObjectShape<T> shape, Schema target, params T[] rows)
    {
        var builders = target.Select(field => ColumnBuilder.Create(field.Type, field.Length)).ToArray();
        var append = shape.Bind(target);
        foreach (var row in rows) append(row, builders);
        return Array.ConvertAll(builders, builder => builder.Build());
    }

    private interface IAge
    {
        int Age { get; }
    }

    private interface IIncome : IAge
    {
        double Income { get; }
    }

    private sealed record Snake(int LoanAge);

    private sealed record Pascal(int LoanAge, [property: Column("Decided")] int Choice);

    private sealed class Both
    {
        public int Age { get; set; }

        public int age { get; set; }

        public int AGE { get; set; }
    }

    private class Base
    {
        public object? Age { get; set; }

        public virtual double Income { get; init; }
    }

    private class Hiding : Base, IIncome
    {
        public new int Age { get; init; }

        int IAge.Age => 7;
    }

    private sealed class HidingMore : Hiding
    {
        public new short? Age { get; init; }
    }

    private sealed class Overriding : Base
    {
        public new int Age
        {
            get => field + 1;
            set;
        }

        public override double Income { get; init; }
    }

    private readonly record struct Value
    {
        public int Age { get; init; }

        public double Income { get; init; }
    }

    private sealed record Loose(bool Flag, int Bit, short Count, double Amount, string Text);

    private sealed class Everything
    {
        public double? MonthlyCharges { get; set; }

        public decimal Price { get; set; }

        public int Tenure { get; set; }

        public bool? IsSenior { get; set; }

        public string? Contract { get; set; }

        public Plan Plan { get; set; }

        public char Grade { get; set; }

        public DateTimeOffset Since { get; set; }

        public DateOnly? Born { get; set; }

        [Column("Embedding", Length = 2)]
        public float[]? Embedding { get; set; }

        [Column(Ignore = true)]
        public object? Anything { get; set; }

        public string WriteOnly
        {
            set => Contract = value;
        }
    }

    private sealed class Unsupported
    {
        public List<int> Children { get; } = [];
    }

    private sealed class NoLength
    {
        public float[] Vector { get; } = [];
    }

    private sealed class Twice
    {
        public int Tenure { get; set; }

        [Column("tenure")]
        public int Months { get; set; }
    }

    private sealed record Outer(int Id, Inner? Home, Point? Other);

    private sealed record Inner(string? City, [property: Column("Place")] Point Where);

    private readonly record struct Point(int X, int? Y);

    private sealed class Chain
    {
        public int Id { get; init; }

        public Chain? Next { get; init; }
    }
}
