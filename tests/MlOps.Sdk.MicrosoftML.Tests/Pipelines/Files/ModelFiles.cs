using System.IO.Compression;
using System.Text;
using Microsoft.ML;

namespace MlOps.Sdk.MLNet;

/// <summary>Model files as tests need them.</summary>
internal static class ModelFiles
{
    private static readonly Lazy<byte[]> s_trees = new(() => Save(seed: 1));

    /// <summary>A model of trees over one-hot columns, as ML.NET saves it.</summary>
    public static byte[] Trees => s_trees.Value;

    /// <summary>Trains and saves anew.</summary>
    public static byte[] Save(int seed)
    {
        var ml = new MLContext(seed);
        var random = new Random(1);
        var view = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 200).Select(_ =>
        {
            var value = (float)random.NextDouble();
            return new Row { Value = value, Text = $"level {random.Next(3)}", Label = value > 0.5 };
        }).ToArray());
        var model = ml.Transforms.Categorical.OneHotEncoding("Text")
            .Append(ml.Transforms.Concatenate("Features", "Value", "Text"))
            .Append(ml.BinaryClassification.Trainers.FastTree(numberOfTrees: 3, minimumExampleCountPerLeaf: 5))
            .Fit(view);
        using var bytes = new MemoryStream();
        ml.Model.Save(model, view.Schema, bytes);
        return bytes.ToArray();
    }

    /// <summary>The file with its entries changed, and another time.</summary>
    /// <param name="file">The file.</param>
    /// <param name="change">Gives the new content of an entry.</param>
    public static byte[] With(byte[] file, Func<string, byte[], byte[]> change)
    {
        using var bytes = new MemoryStream();
        using (var to = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var from = new ZipArchive(new MemoryStream(file), ZipArchiveMode.Read);
            foreach (var entry in from.Entries)
            {
                using var content = new MemoryStream();
                using (var read = entry.Open()) read.CopyTo(content);
                var changed = to.CreateEntry(entry.FullName);
                changed.LastWriteTime = new DateTimeOffset(2020, 2, 2, 2, 2, 2, TimeSpan.Zero);
                using var write = changed.Open();
                write.Write(change(entry.FullName, content.ToArray()));
            }
        }

        return bytes.ToArray();
    }

    /// <summary>A header of ML.NET that names an assembly, with nothing behind it.</summary>
    public static byte[] Header(string? assembly)
    {
        var name = Encoding.Unicode.GetBytes(assembly ?? "");
        var bytes = new byte[0x100 + name.Length];
        Encoding.ASCII.GetBytes("ML\0MODEL").CopyTo(bytes, 0);
        BitConverter.GetBytes(0x00010002).CopyTo(bytes, 0x08);
        BitConverter.GetBytes(0x100L).CopyTo(bytes, 0x10);
        if (assembly is not null) BitConverter.GetBytes(0x100L).CopyTo(bytes, 0x90);
        BitConverter.GetBytes(name.Length).CopyTo(bytes, 0x98);
        name.CopyTo(bytes, 0x100);
        return bytes;
    }

    /// <summary>A zip of some entries.</summary>
    public static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var to = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var write = to.CreateEntry(name).Open();
                write.Write(content);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>The content with a text, in UTF-16, replaced by another of the same length.</summary>
    public static byte[] Replace(byte[] content, string from, string to)
    {
        if (from.Length != to.Length) throw new ArgumentException("The layout would change.", nameof(to));
        var changed = content.ToArray();
        for (var at = changed.AsSpan().IndexOf(Encoding.Unicode.GetBytes(from)); at >= 0;
            at = changed.AsSpan().IndexOf(Encoding.Unicode.GetBytes(from)))
        {
            Encoding.Unicode.GetBytes(to).CopyTo(changed, at);
        }

        return changed;
    }

    private sealed class Row
    {
        public float Value { get; set; }

        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }
}
