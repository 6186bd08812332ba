using System.Security.Cryptography;

namespace Xmtp.Gateway.Bench.Payers;

/// <summary>Private keys in files that only their owner reads.</summary>
internal static class KeyFile
{
    /// <summary>A new key, as 64 hexadecimal digits.</summary>
    public static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>Writes a key.</summary>
    /// <param name="folder">The folder of the file.</param>
    /// <param name="name">The name of the file.</param>
    /// <param name="key">The key, as hexadecimal digits.</param>
    /// <returns>The path of the file.</returns>
    public static string Write(string folder, string name, string key)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, key);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
