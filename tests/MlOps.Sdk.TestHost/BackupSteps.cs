using MlOps.Sdk;

/// <summary>Writes a line for each file of a backup.</summary>
internal sealed class BackupSteps : IProgress<TransferProgress>
{
    private int _items = -1;

    public void Report(TransferProgress value)
    {
        if (value.Items == _items) return;
        _items = value.Items;
        Console.WriteLine($"{value.Items} of {value.TotalItems}");
    }
}
