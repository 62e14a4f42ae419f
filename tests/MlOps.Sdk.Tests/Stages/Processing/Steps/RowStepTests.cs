using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

public sealed class RowStepTests
{
    private static readonly FormatReaders Readers = NewReaders();

    [Test]
    public void Rename_Column_KeepsValues()
    {
        var result = Run("a:Integer,b:Text\n1,x", new RenameColumn("a", "c"));
        Assert.That(result.Schema.ToString(), Is.EqualTo("c: Integer, b: Text"));
    }

    [Test]
    public void Rename_ToExistingColumn_IsRefused() =>
        Assert.That(
            () => Run("a:Integer,b:Text\n1,x", new RenameColumn("a", "b")),
            Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("b"));

    [Test]
    public void Rename_MissingColumn_SuggestsTheNearest() =>
        Assert.That(
            () => Run("tenure:Integer\n1", new RenameColumn("tenrue", "b")),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Did you mean 'tenure'"));

    [Test]
    public void Drop_Columns_AreGone_AlsoWhereServingHasOnlySome()
    {
        var step = new DropColumns(["a", "c"]);
        Assert.That(Run("a:Integer,b:Text,c:Text\n1,x,y", step).Schema.ToString(), Is.EqualTo("b: Text"));
        Assert.That(Run("b:Text,c:Text\nx,y", step).Schema.ToString(), Is.EqualTo("b: Text"));
    }

    [TestCase("a:Text\n1.50\n\n-2", ColumnType.Number, "1.5")]
    [TestCase("a:Text\n007", ColumnType.Integer, "7")]
    [TestCase("a:Text\nTRUE", ColumnType.Boolean, "true")]
    [TestCase("a:Text\n2024-05-06", ColumnType.Timestamp, "2024-05-06T00:00:00.0000000Z")]
    [TestCase("a:Integer\n9007199254740992", ColumnType.Number, "9007199254740992")]
    [TestCase("a:Number\n12", ColumnType.Integer, "12")]
    [TestCase("a:Number\n1\nNaN", ColumnType.Text, "1")]
    [TestCase("a:Number\n1\nNaN", ColumnType.Integer, "1")]
    [TestCase("a:Integer\n1", ColumnType.Boolean, "true")]
    [TestCase("a:Boolean\ntrue", ColumnType.Integer, "1")]
    [TestCase("a:Boolean\nfalse", ColumnType.Text, "false")]
    [TestCase("a:Number\n0.1", ColumnType.Text, "0.1")]
    public void Cast_ValueThatFits_IsConverted(string table, ColumnType type, string expected)
    {
        var result = Run(table, new CastColumn("a", type));
        Assert.That(result.Schema[0].Type, Is.EqualTo(type));
        Assert.That(result.Columns[0].GetText(0), Is.EqualTo(expected));
    }

    [TestCase("a:Text\n1\nx", ColumnType.Number)]
    [TestCase("a:Number\n1\n1.5", ColumnType.Integer)]
    [TestCase("a:Integer\n1\n9007199254740993", ColumnType.Number)]
    [TestCase("a:Integer\n1\n9223372036854775807", ColumnType.Number)]
    [TestCase("a:Number\n1\n1e19", ColumnType.Integer)]
    [TestCase("a:Integer\n1\n2", ColumnType.Boolean)]
    public void Cast_ValueThatWouldLose_NamesTheRow(string table, ColumnType type) =>
        Assert.That(
            () => Run(table, new CastColumn("a", type)),
            Throws.InstanceOf<MlOpsException>().With.Property("Row").EqualTo(1).And.Property("Column").EqualTo("a"));

    [Test]
    public void Cast_TypesThatDoNotFit_FailsWhenBound() =>
        Assert.That(() => Run("a:Timestamp\n2024-01-01", new CastColumn("a", ColumnType.Number)), Throws.TypeOf<MlOpsException>());

    [TestCase("a:Text,b:Integer\nx,1\n,2", "none", "x,1\nnone,2")]
    [TestCase("a:Number,b:Integer\n1,1\n,2", "0.5", "1,1\n0.5,2")]
    [TestCase("a:Boolean,b:Integer\ntrue,1\n,2", "false", "true,1\nfalse,2")]
    public void FillConstant_MissingValues_AreFilled(string table, string value, string expected) =>
        Assert.That(Tables.Show(Run(table, new FillConstant("a", value))), Is.EqualTo(expected));

    [Test]
    public void FillConstant_ValueOfAnotherType_IsRefused() =>
        Assert.That(
            () => Run("a:Integer\n1", new FillConstant("a", "0.5")),
            Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("a"));

    [Test]
    public void NormalizeText_CaseAndSpaces_BecomeEqual()
    {
        var builder = new RecordBatchBuilder(new Schema(new Field("a", ColumnType.Text)));
        foreach (var text in new[] { "  Month \t to  MONTH ", "month to month", "   ", null }) ((TextColumnBuilder)builder[0]).Append(text);
        var result = Apply(builder.Build(), new NormalizeText("a", true, true, true));
        Assert.That(
            Enumerable.Range(0, 4).Select(row => result.Columns[0].GetText(row)),
            Is.EqualTo(new[] { "month to month", "month to month", null, null }));
    }

    [Test]
    public void Read_UnknownFormat_SaysWhatToRegister() =>
        Assert.That(() => Readers.Read<IRowProcessor>("acme.step/1", default), Throws.TypeOf<MlOpsException>());

    [TestCase("mlops.derive/1", """{"column":"x","expression":{"op":"add","args":[{"op":"number","args":[],"number":1}]}}""")]
    [TestCase("mlops.derive/1", """{"column":"x","expression":{"op":"system","args":[]}}""")]
    [TestCase("mlops.derive/1", """{"column":"x"}""")]
    [TestCase("mlops.derive/1", """{"column":"x","expression":{"op":"not","args":[null]}}""")]
    [TestCase("mlops.cast/1", """{"column":"x","type":"Blob"}""")]
    [TestCase("mlops.rename/1", """{"column":"x"}""")]
    [TestCase("mlops.rename/1", "null")]
    [TestCase("mlops.drop/1", "{")]
    public void Read_DamagedBytes_SaysSo(string format, string json) =>
        Assert.That(() => Readers.Read<IRowProcessor>(format, System.Text.Encoding.UTF8.GetBytes(json)), Throws.TypeOf<MlOpsException>());

    internal static FormatReaders NewReaders()
    {
        var readers = new FormatReaders();
        BuiltInRowProcessors.AddTo(readers);
        return readers;
    }

    // Every run goes through the saved form too: what is packaged must do what was trained with.
    private static RecordBatch Run(string table, IRowProcessor step) => Apply(Tables.Batch(table), step);

    private static RecordBatch Apply(RecordBatch batch, IRowProcessor step)
    {
        var saved = new ArrayBufferWriter<byte>();
        step.Save(saved);
        var loaded = Readers.Read<IRowProcessor>(step.FormatId, saved.WrittenMemory);
        var again = new ArrayBufferWriter<byte>();
        loaded.Save(again);
        Assert.That(again.WrittenSpan.ToArray(), Is.EqualTo(saved.WrittenSpan.ToArray()));
        var result = step.BindRows(batch.Schema).Apply(batch);
        var other = loaded.BindRows(batch.Schema).Apply(batch);
        Assert.That(other.Schema, Is.EqualTo(result.Schema));
        Assert.That(Tables.Show(other), Is.EqualTo(Tables.Show(result)));
        return result;
    }
}
