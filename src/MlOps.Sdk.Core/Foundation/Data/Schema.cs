using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace MlOps.Sdk.Data;

/// <summary>The ordered columns of a table, known at run time. Immutable and thread-safe.</summary>
public sealed class Schema : IReadOnlyList<Field>, IEquatable<Schema>
{
    private readonly Field[] _fields;
    private readonly Dictionary<string, int> _ordinals;

    /// <summary>Creates a schema.</summary>
    /// <param name="fields">The columns, in order; names are unique.</param>
    /// <exception cref="MlOpsException">A name is empty or appears twice.</exception>
    public Schema(params IEnumerable<Field> fields)
    {
        _fields = [.. fields];
        _ordinals = new Dictionary<string, int>(_fields.Length, StringComparer.Ordinal);
        for (var i = 0; i < _fields.Length; i++)
        {
            if (string.IsNullOrEmpty(_fields[i].Name))
                throw new MlOpsException($"Column {i + 1} has no name.", "Give every column a name.");
            if (!_ordinals.TryAdd(_fields[i].Name, i))
            {
                throw new MlOpsException(
                    $"The column '{_fields[i].Name}' appears twice.",
                    "Rename or remove one of the two.") { Column = _fields[i].Name };
            }
        }
    }

    /// <inheritdoc/>
    public int Count => _fields.Length;

    /// <inheritdoc/>
    public Field this[int index] => _fields[index];

    /// <summary>The column of that name.</summary>
    /// <param name="name">The name of a column.</param>
    /// <exception cref="MlOpsException">There is no such column; the message lists those that exist.</exception>
    public Field this[string name] => _fields[IndexOf(name)];

    /// <summary>Whether a column of that name exists.</summary>
    /// <param name="name">The name to look for.</param>
    public bool Contains(string name) => _ordinals.ContainsKey(name);

    /// <summary>Finds a column without failing.</summary>
    /// <param name="name">The name to look for.</param>
    /// <param name="index">Its position, from 0.</param>
    public bool TryGetIndex(string name, out int index) => _ordinals.TryGetValue(name, out index);

    /// <summary>The position of a column, from 0.</summary>
    /// <param name="name">The name of a column.</param>
    /// <exception cref="MlOpsException">There is no such column; the message lists those that exist.</exception>
    public int IndexOf(string name) => _ordinals.TryGetValue(name, out var index)
        ? index
        : throw new MlOpsException($"There is no column '{name}'.", NearestName.MissingColumn(name, "", this).Remedy) { Column = name };

    /// <inheritdoc/>
    public IEnumerator<Field> GetEnumerator() => ((IEnumerable<Field>)_fields).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _fields.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] Schema? other) => other is not null && _fields.AsSpan().SequenceEqual(other._fields);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Schema);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var field in _fields) hash.Add(field);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _fields.Select(f => $"{f.Name}: {f.Type}"));
}
