using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Turns a stored expression into functions over the rows of a schema. The functions are thread-safe, and
/// those of numbers allocate nothing.
/// </summary>
/// <param name="schema">The columns of the rows.</param>
/// <param name="step">Who asks, for messages.</param>
internal sealed class ExpressionCompiler(Schema schema, string step)
{
    public NumberFunction Number(ExpressionNode node) => (NumberFunction)Compile(node);

    public TruthFunction Truth(ExpressionNode node) => (TruthFunction)Compile(node);

    public TextFunction Text(ExpressionNode node) => (TextFunction)Compile(node);

    public NumberFunction NumberColumn(string name)
    {
        var column = Find(name);
        if (schema[column].Type is ColumnType.Text or ColumnType.Vector)
        {
            throw new MlOpsException(
                $"{step}: the column is {schema[column].Type}, not a number.",
                "Cast the column first, or read it with Text(…).") { Column = name };
        }
        return (in rows, row) => rows.Number(column, row);
    }

    public TruthFunction TruthColumn(string name)
    {
        var column = Find(name);
        if (schema[column].Type != ColumnType.Boolean)
        {
            throw new MlOpsException(
                $"{step}: the column is {schema[column].Type}, not Boolean.",
                "Cast the column first, or compare Number(…) or Text(…) with a value.") { Column = name };
        }
        return (in rows, row) => rows.Number(column, row) is var value && double.IsNaN(value) ? -1 : (int)value;
    }

    public TextFunction TextColumn(string name)
    {
        var column = Find(name);
        return (in rows, row) => rows.Text(column, row);
    }

    // NaN is a missing value here, too.
    public TruthFunction IsNull(string name)
    {
        var column = Find(name);
        return schema[column].Type == ColumnType.Number
            ? (in rows, row) => double.IsNaN(rows.Number(column, row)) ? 1 : 0
            : (in rows, row) => rows.IsNull(column, row) ? 1 : 0;
    }

    private Delegate Compile(ExpressionNode node) =>
        (ExpressionOperators.Find(node.Op) ?? throw new InvalidOperationException(node.Op)).Compile(this, node);

    private int Find(string name) => ColumnChange.Find(schema, name, step);
}
