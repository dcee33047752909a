// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "chat-server",
    products: [
        .executable(name: "chat-server", targets: ["chat-server"]),
        .executable(name: "chat-bench", targets: ["chat-bench"]),
        .library(name: "ChatProtocol", targets: ["ChatProtocol"]),
        .library(name: "ChatState", targets: ["ChatState"]),
        .library(name: "FlowControl", targets: ["FlowControl"]),
        .library(name: "EventLoop", targets: ["EventLoop"]),
        .library(name: "ChatTransport", targets: ["ChatTransport"]),
        .library(name: "ChatServer", targets: ["ChatServer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.3.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .target(name: "Locking"),
        .target(name: "ChatProtocol"),
        .target(name: "FlowControl"),
        .target(
            name: "ChatState",
            dependencies: [
                "ChatProtocol", "FlowControl", "Locking",
                .product(name: "DequeModule", package: "swift-collections"),
            ]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(
            name: "EventLoop",
            dependencies: [
                "CLinux", "Locking",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(
            name: "ChatTransport",
            dependencies: [
                "COpenSSL", "EventLoop", "Locking", .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(
            name: "ChatServer",
            dependencies: [
                "ChatProtocol", "ChatState", "ChatTransport", "EventLoop", "FlowControl", "Locking",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .executableTarget(
            name: "chat-server",
            dependencies: [
                "ChatServer", "Locking",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .target(
            name: "LoadSupport",
            dependencies: ["CLinux", "EventLoop", .product(name: "SystemPackage", package: "swift-system")]),
        .executableTarget(
            name: "chat-bench",
            dependencies: [
                "CLinux", "ChatTransport", "EventLoop", "LoadSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(name: "Allocations", path: "Benchmarks/allocations"),
        .executableTarget(
            name: "microbenchmarks",
            dependencies: [
                "Allocations", "ChatProtocol", "ChatState", "ChatServer", "ChatTransport", "EventLoop", "FlowControl",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/micro"),
        .executableTarget(
            name: "soak",
            dependencies: [
                "ChatProtocol", "ChatTransport", "EventLoop", "LoadSupport", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/Soak"),
        .executableTarget(
            name: "simulate",
            dependencies: [
                "CLinux", "ChatServer", "ChatState", "ChatTransport", "EventLoop", "FlowControl", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Simulation", exclude: ["breaks.py"]),
        .target(name: "TestSupport", dependencies: ["CLinux", "COpenSSL", "Locking"], path: "Tests/TestSupport"),
        .target(
            name: "OrderSupport", dependencies: ["ChatProtocol", "ChatState", "FlowControl"], path: "Tests/OrderSupport"
        ),
        .testTarget(name: "ChatProtocolTests", dependencies: ["ChatProtocol", "TestSupport"]),
        .testTarget(name: "FlowControlTests", dependencies: ["FlowControl", "TestSupport"]),
        .testTarget(
            name: "ChatStateTests",
            dependencies: ["ChatProtocol", "ChatState", "FlowControl", "Locking", "OrderSupport", "TestSupport"]),
        .testTarget(
            name: "EventLoopTests",
            dependencies: ["EventLoop", "TestSupport", .product(name: "SystemPackage", package: "swift-system")]),
        .testTarget(
            name: "ChatTransportTests",
            dependencies: [
                "ChatTransport", "EventLoop", "Locking", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .testTarget(
            name: "ChatServerTests",
            dependencies: [
                "ChatServer", "ChatState", "ChatTransport", "EventLoop", "FlowControl", "Locking", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .testTarget(
            name: "ChatBenchTests",
            dependencies: [
                "chat-bench", "LoadSupport", "TestSupport", .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]),
        .testTarget(name: "SoakTests", dependencies: ["soak", "TestSupport"]),
        .testTarget(name: "ChatServerCommandTests", dependencies: ["chat-bench", "chat-server", "TestSupport"]),
    ]
)

// libFuzzer brings the main function of these, so they are built with it only: `make fuzz`.
if Context.environment["FUZZ"] != nil {
    let targets: [(name: String, dependencies: [Target.Dependency])] = [
        ("Lines", ["ChatProtocol"]),
        ("Commands", ["ChatProtocol", "ChatState", "FlowControl", "OrderSupport"]),
        ("Usernames", ["ChatProtocol"]),
        ("Openings", ["ChatTransport", "EventLoop", "TestSupport"]),
        ("Handshakes", ["ChatTransport", "EventLoop", "TestSupport"]),
        ("Records", ["ChatTransport", "EventLoop", "TestSupport"]),
    ]
    package.targets.append(
        .target(
            name: "FuzzSupport", dependencies: ["ChatTransport", "EventLoop", "TestSupport"],
            path: "Tests/Fuzz/Support"))
    for (name, dependencies) in targets {
        package.targets.append(
            .executableTarget(
                name: "Fuzz\(name)", dependencies: ["FuzzSupport"] + dependencies, path: "Tests/Fuzz/\(name)",
                exclude: ["Corpus", "dictionary"]))
    }
}

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
}
