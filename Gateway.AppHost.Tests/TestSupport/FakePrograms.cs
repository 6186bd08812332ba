namespace Xmtp.Gateway.AppHost.Tests.TestSupport;

/// <summary>A folder of shell scripts that stand before the real programs on a process's PATH.</summary>
internal sealed class FakePrograms : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("xmtp-gateway-programs-").FullName;

    /// <summary>Adds a program.</summary>
    public void Add(string name, string script)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
