namespace MlOps.Sdk.Collection;

/// <summary>A column, or a group of columns, as the file describes it.</summary>
/// <param name="Element">Its description.</param>
/// <param name="Children">What a group consists of.</param>
/// <param name="FirstLeaf">The position of its first column among those that hold values.</param>
internal sealed record SchemaNode(ThriftStruct Element, IReadOnlyList<SchemaNode> Children, int FirstLeaf)
{
    private const int MaxDepth = 50;

    public string Name => Element.Text(4) ?? throw new InvalidDataException("a column has no name");

    public PhysicalType? Physical => (PhysicalType?)Element.Int32(1);

    public int TypeLength => Element.Int32(2) ?? 0;

    public Repetition Repetition => (Repetition)(Element.Int32(3) ?? 0);

    /// <summary>The type of earlier versions of the format, as it numbers it.</summary>
    public int? Converted => Element.Int32(6);

    public int Scale => Logical(5)?.Int32(1) ?? Element.Int32(7) ?? 0;

    /// <summary>The logical type of a number, where the column has it.</summary>
    public ThriftStruct? Logical(short kind) => Element.Struct(10)?.Struct(kind);

    public bool HasLogical => Element.Struct(10) is { } logical && logical.Count > 0;

    /// <summary>Builds the tree from its elements in their order.</summary>
    public static SchemaNode Read(IReadOnlyList<ThriftStruct> elements, out int leaves)
    {
        var at = 0;
        leaves = 0;
        var root = Read(elements, ref at, ref leaves, 0);
        return at == elements.Count ? root : throw new InvalidDataException("the schema has loose ends");
    }

    private static SchemaNode Read(IReadOnlyList<ThriftStruct> elements, ref int at, ref int leaves, int depth)
    {
        if (at >= elements.Count || depth > MaxDepth) throw new InvalidDataException("the schema is incomplete or nested too deeply");
        var element = elements[at++];
        var first = leaves;
        if (depth > 0 && element.Has(1))
        {
            leaves++;
            return new SchemaNode(element, [], first);
        }

        var count = element.Int32(5) ?? 0;
        if (count < 0 || count > elements.Count - at) throw new InvalidDataException("the schema is incomplete");
        var children = new SchemaNode[count];
        for (var i = 0; i < count; i++) children[i] = Read(elements, ref at, ref leaves, depth + 1);
        return new SchemaNode(element, children, first);
    }
}
