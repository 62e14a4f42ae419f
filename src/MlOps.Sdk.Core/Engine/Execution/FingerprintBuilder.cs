using System.Security.Cryptography;
using System.Text;

namespace MlOps.Sdk.Execution;

/// <summary>Collects what decides a stage's result, part by part, so that a changed part can be named. Not thread-safe.</summary>
internal sealed class FingerprintBuilder
{
    private readonly SortedDictionary<string, string> _parts = new(StringComparer.Ordinal);

    /// <summary>Why the result can never be reused; <see langword="null"/> when it can.</summary>
    public string? Opaque { get; private set; }

    /// <summary>The parts: name and short value.</summary>
    public IReadOnlyList<(string Name, string Value)> Parts => [.. _parts.Select(part => (part.Key, part.Value))];

    /// <summary>Adds a part by its text.</summary>
    public FingerprintBuilder Add(string name, string value)
    {
        _parts[name] = value.Length <= 64 ? value : Digest(value);
        return this;
    }

    /// <summary>Adds a part by the state of an object: its type's code, and all that its fields hold.</summary>
    public FingerprintBuilder AddObject(string name, object? value)
    {
        var text = new StringBuilder();
        if (ObjectState.Describe(value, text) is { } opaque) SetOpaque($"{name} {opaque}");
        return Add(name, text.ToString());
    }

    /// <summary>Says that the result can never be reused.</summary>
    public void SetOpaque(string reason) => Opaque ??= reason;

    /// <summary>The SHA-256 of all parts, in hexadecimal.</summary>
    public string Compute()
    {
        var text = new StringBuilder();
        foreach (var (name, value) in _parts)
        {
            text.Append(name.Length).Append(':').Append(name).Append(value.Length).Append(':').Append(value);
        }
        return Digest(text.ToString());
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
