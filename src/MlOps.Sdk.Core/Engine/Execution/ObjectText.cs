using System.Text;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Execution;

/// <summary>An object in words: what it holds, and the code of what it is made of, each in the order of sight. Not thread-safe.</summary>
internal sealed class ObjectText
{
    /// <summary>Types by name, and the values of fields.</summary>
    public StringBuilder State { get; } = new();

    /// <summary>The code of types and delegates.</summary>
    public List<CodeReach> Code { get; } = [];

    /// <summary>Both as one text.</summary>
    public string Key => $"{State}|{string.Join('|', Code.Select(code => code.Digest))}";

    /// <summary>Adds another one to the end.</summary>
    public void Add(ObjectText other)
    {
        State.Append(other.State);
        Code.AddRange(other.Code);
    }
}
