using System.Reflection;
using System.Resources;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Execution;

/// <summary>Collects what decides a stage's result, part by part, so that a changed part can be named. Not thread-safe.</summary>
internal sealed class FingerprintBuilder
{
    private readonly SortedDictionary<string, string> _parts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _notes = [];
    private readonly HashSet<FieldInfo> _statics = [];

    /// <summary>Why the result can never be reused; <see langword="null"/> when it can.</summary>
    public string? Opaque { get; private set; }

    /// <summary>The parts: name and short value.</summary>
    public IReadOnlyList<(string Name, string Value)> Parts => [.. _parts.Select(part => (part.Key, part.Value))];

    /// <summary>A part as a reader of the reasons sees it: with the call that made whole modules count.</summary>
    public string Explain(string part) => _notes.TryGetValue(part, out var note) ? $"{part} {note}" : part;

    /// <summary>The names of the parts that are new or have another value than in a fingerprint before.</summary>
    public static IReadOnlyList<string> Changed(
        IReadOnlyList<(string Name, string Value)> before, IReadOnlyList<(string Name, string Value)> now) =>
        [.. now.Except(before).Select(part => part.Name).Distinct()];

    /// <summary>The names of the parts that a fingerprint before had, and that there are no more.</summary>
    public static IReadOnlyList<string> Gone(
        IReadOnlyList<(string Name, string Value)> before, IReadOnlyList<(string Name, string Value)> now) =>
        [.. before.Select(part => part.Name).Except(now.Select(part => part.Name))];

    /// <summary>In what this differs from a fingerprint before; <see langword="null"/> for nothing.</summary>
    /// <param name="before">The parts of the fingerprint before.</param>
    /// <param name="changed">What stands before the names of those that changed.</param>
    public string? Differences(IReadOnlyList<(string Name, string Value)> before, string changed)
    {
        var texts = new List<string>();
        if (Changed(before, Parts) is { Count: > 0 } others) texts.Add($"{changed}: {string.Join(", ", others.Select(Explain))}");
        if (Gone(before, Parts) is { Count: > 0 } gone) texts.Add($"no longer: {string.Join(", ", gone)}");
        return texts.Count == 0 ? null : string.Join("; ", texts);
    }

    /// <summary>Adds a part by its text.</summary>
    public FingerprintBuilder Add(string name, string value)
    {
        _parts[name] = value.Length <= 64 ? value : Digest(value);
        return this;
    }

    /// <summary>
    /// Adds an object: all that its fields hold in a part of its own; and for each delegate and each type of the application, the code that
    /// it reaches.
    /// </summary>
    public FingerprintBuilder AddObject(string name, object? value)
    {
        var text = new ObjectText();
        if (ObjectState.Describe(value, text) is { } opaque) SetOpaque($"{name} {opaque}");
        return AddCode(name, text.Code).Add(name, text.State.ToString());
    }

    /// <summary>Adds the code that objects of a type reach.</summary>
    public FingerprintBuilder AddCode(string name, Type type) => AddCode(name, [UserCode.OfObject(type)]);

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

    private FingerprintBuilder AddCode(string name, IEnumerable<CodeReach> code)
    {
        foreach (var group in code.GroupBy(reach => reach.Name))
        {
            var digests = new StringBuilder();
            var part = $"code of {name} ({group.Key})";
            foreach (var reach in group)
            {
                digests.Append(reach.Digest);
                if (reach.Forced is { } forced) _notes.TryAdd(part, $"with its whole module, because {forced}");
                if (reach.Opaque is { } opaque) SetOpaque($"{name} {opaque}");
                foreach (var (package, identity) in reach.Packages) Add($"package {package}", identity);
                foreach (var field in reach.Statics) AddStatic(name, field);
            }

            if (digests.Length > 0) Add(part, digests.ToString());
        }

        return this;
    }

    // What the application keeps in a static field is read by its code like what a plug-in holds.
    private void AddStatic(string name, FieldInfo field)
    {
        if (!_statics.Add(field)) return;
        var shown = $"static {CodeNames.Of(field)}";
        var text = new ObjectText();
        try
        {
            var value = field.GetValue(null);
            if (StaticFields.IsLazy(field) && value is not null && !FrameworkState.IsMade(value)) text.State.Append("not made;");
            else if (value is null or ResourceManager && StaticFields.ResourceMakers(field) is not null)
            {
                // The code that fills the field counts, before it does and after.
                text.State.Append(value is ResourceManager { IgnoreCase: true } ? "resources in any case;" : "resources;");
            }
            else if (ObjectState.Describe(value, text) is { } opaque)
            {
                SetOpaque($"{name} reads the static field {CodeNames.Of(field)}, which {opaque}");
            }
        }
        catch (Exception e) when (e is TargetInvocationException or TypeInitializationException or NotSupportedException)
        {
            SetOpaque($"{name} reads the static field {CodeNames.Of(field)}, whose type cannot be initialized: "
                + (e.GetBaseException().Message));
        }

        var owner = CodeNames.Written(field.DeclaringType!);
        AddCode(shown, text.Code).Add(shown, $"{_parts.GetValueOrDefault(shown)}{owner} {text.State}");
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
