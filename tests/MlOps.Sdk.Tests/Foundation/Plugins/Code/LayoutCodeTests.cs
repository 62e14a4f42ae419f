using NUnit.Framework;

namespace MlOps.Sdk.Tests.Plugins;

/// <summary>Where the fields of a type are decides what code reads that takes its bytes.</summary>
[TestFixture]
public sealed class LayoutCodeTests
{
    private const string Interop = "System.Runtime.InteropServices";

    [TestCase(
        "x => new Both { Whole = 7 }.Part",
        "[{0}.StructLayout({0}.LayoutKind.Explicit)] struct Both {{ [{0}.FieldOffset(0)] public int Whole; " +
        "[{0}.FieldOffset(#)] public byte Part; }}", "0", "1", TestName = "offset of a field")]
    [TestCase(
        "x => {0}.Marshal.SizeOf<Line>()",
        "[{0}.StructLayout({0}.LayoutKind.Sequential, Pack = #)] struct Line {{ public byte Kind; public double Price; }}", "1", "8",
        TestName = "pack")]
    [TestCase(
        "x => {0}.Marshal.SizeOf<Line>()",
        "[{0}.StructLayout({0}.LayoutKind.Sequential, Size = #)] struct Line {{ public byte Kind; }}", "16", "32", TestName = "size")]
    [TestCase(
        "x => {0}.Marshal.SizeOf<Line>()",
        "[{0}.StructLayout({0}.LayoutKind.Sequential, Pack = #)] class Line {{ public byte Kind; public double Price; }}", "1", "8",
        TestName = "pack of a class")]
    [TestCase(
        "x => {0}.Marshal.SizeOf<Line>()",
        "struct Line {{ [{0}.MarshalAs({0}.UnmanagedType.ByValTStr, SizeConst = #)] public string Name; }}", "8", "16",
        TestName = "text of a length")]
    [TestCase(
        "x => new Line()[0]",
        "[System.Runtime.CompilerServices.InlineArray(#)] struct Line {{ byte _first; public int this[int at] => " +
        "{0}.MemoryMarshal.AsBytes(new ReadOnlySpan<Line>(ref this)).Length; }}", "4", "8", TestName = "array in a value")]
    [TestCase("x => Line.Size", "unsafe struct Line {{ public fixed byte Name[#]; public static int Size => sizeof(Line); }}", "8", "16",
        TestName = "fixed buffer")]
    public void OfMethod_LayoutChanges_GivesAnother(string lambda, string members, string old, string changed)
    {
        var before = Reach(old);

        Assert.Multiple(() =>
        {
            Assert.That((before.Forced, before.Opaque), Is.EqualTo(((string?)null, (string?)null)));
            Assert.That(Reach(changed).Digest, Is.Not.EqualTo(before.Digest));
            Assert.That(Reach(old).Digest, Is.EqualTo(before.Digest));
        });

        MlOps.Sdk.Plugins.CodeReach Reach(string value) => BuiltApp.ReachOfLambda(
            lambda.Replace("{0}", Interop, StringComparison.Ordinal),
            members.Replace("{0}", Interop, StringComparison.Ordinal).Replace("{{", "{", StringComparison.Ordinal)
                .Replace("}}", "}", StringComparison.Ordinal).Replace("#", value, StringComparison.Ordinal));
    }
}
