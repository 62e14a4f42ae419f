using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Adds a column that is computed from others of the same row.</summary>
internal sealed class DeriveColumn : IRowProcessor
{
    public const string Format = "mlops.derive/1";
    private readonly string _name;
    private readonly ExpressionNode _expression;
    private readonly ExpressionKind _kind;

    public DeriveColumn(string name, ExpressionNode expression)
    {
        _name = name;
        _expression = expression;
        _kind = expression.Kind;
    }

    public string FormatId => Format;

    public static DeriveColumn Read(ReadOnlyMemory<byte> bytes)
    {
        var state = ProcessingJson.Read(bytes);
        return new DeriveColumn(ProcessingJson.Need(state.Column), ProcessingJson.Need(state.Expression));
    }

    public void Save(IBufferWriter<byte> writer) =>
        ProcessingJson.Save(new RowStepState { Column = _name, Expression = _expression }, writer);

    public RowBinding BindRows(Schema input)
    {
        var step = $"derive({_name})";
        if (input.Contains(_name))
        {
            throw new MlOpsException(
                $"{step}: there is already a column '{_name}'.",
                "Choose another name, or drop that column first.") { Column = _name };
        }
        var compiler = new ExpressionCompiler(input, step);
        return _kind switch
        {
            ExpressionKind.Number =>
                ColumnChange.Add(input, new Field(_name, ColumnType.Number), OutputColumn.Computed(Numbers(compiler.Number(_expression)))),
            ExpressionKind.Boolean =>
                ColumnChange.Add(input, new Field(_name, ColumnType.Boolean), OutputColumn.Computed(Truths(compiler.Truth(_expression)))),
            _ => ColumnChange.Add(input, new Field(_name, ColumnType.Text), OutputColumn.Computed(Texts(compiler.Text(_expression)))),
        };
    }

    public bool ReadsAsNumber(string column) => ReadsAsNumber(_expression, column);

    public override string ToString() => $"derive({_name} = {_expression})";

    private static bool ReadsAsNumber(ExpressionNode node, string column) =>
        (node.Column != column || node.Kind != ExpressionKind.Text)
            && Array.TrueForAll(node.Args ?? [], argument => ReadsAsNumber(argument, column));

    private static ColumnComputation Numbers(NumberFunction function) => (in RowBlock rows, ColumnBuilder output) =>
    {
        var to = (NumberColumnBuilder)output;
        for (var row = 0; row < rows.Count; row++)
        {
            var value = function(rows, row);
            if (double.IsFinite(value)) to.Append(value);
            else to.AppendNull();
        }
    };

    private static ColumnComputation Truths(TruthFunction function) => (in RowBlock rows, ColumnBuilder output) =>
    {
        var to = (BooleanColumnBuilder)output;
        for (var row = 0; row < rows.Count; row++)
        {
            var value = function(rows, row);
            if (value >= 0) to.Append(value == 1);
            else to.AppendNull();
        }
    };

    private static ColumnComputation Texts(TextFunction function) => (in RowBlock rows, ColumnBuilder output) =>
    {
        var to = (TextColumnBuilder)output;
        for (var row = 0; row < rows.Count; row++) to.Append(function(rows, row));
    };
}
