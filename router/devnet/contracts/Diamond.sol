// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Shared} from "./Store.sol";

// One address in front of several facets (EIP-2535): who answers which selector, and who owns it.
contract Diamond is Shared {
    struct Facet {
        address facetAddress;
        uint8 action; // 0 add, 1 replace, 2 remove
        bytes4[] functionSelectors;
    }

    struct FacetInfo {
        address facetAddress;
        bytes4[] functionSelectors;
    }

    bytes32 public constant DIAMOND_OWNABLE_STORAGE_SLOT = keccak256("diamond.standard.diamond.ownable.storage");
    bytes32 public constant DIAMOND_STORAGE_SLOT = keccak256("diamond.standard.diamond.storage");

    event DiamondCut(Facet[] facets, address initFacet, bytes initData);
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    mapping(bytes4 => address) private facetOf;
    mapping(address => bytes4[]) private selectorsOf;
    address[] private addresses;

    constructor() {
        store().owner = msg.sender;
        emit OwnershipTransferred(address(0), msg.sender);
    }

    function __LumerinDiamond_init() external once("diamond") {}

    function diamondCut(Facet[] memory facets_) external onlyOwner {
        cut(facets_, address(0), "");
    }

    function diamondCut(Facet[] memory facets_, address init_, bytes memory initData_) external onlyOwner {
        cut(facets_, init_, initData_);
    }

    function facetAddress(bytes4 selector_) external view returns (address facet_) {
        return facetOf[selector_];
    }

    function facetAddresses() external view returns (address[] memory facets_) {
        return addresses;
    }

    function facetFunctionSelectors(address facet_) external view returns (bytes4[] memory selectors_) {
        return selectorsOf[facet_];
    }

    function facets() external view returns (FacetInfo[] memory facets_) {
        facets_ = new FacetInfo[](addresses.length);
        for (uint256 i = 0; i < addresses.length; i++) {
            facets_[i] = FacetInfo(addresses[i], selectorsOf[addresses[i]]);
        }
    }

    function owner() external view returns (address) {
        return store().owner;
    }

    function renounceOwnership() external onlyOwner {
        setOwner(address(0));
    }

    function transferOwnership(address newOwner_) external onlyOwner {
        setOwner(newOwner_);
    }

    function setOwner(address newOwner) private {
        emit OwnershipTransferred(store().owner, newOwner);
        store().owner = newOwner;
    }

    function cut(Facet[] memory facets_, address init, bytes memory initData) private {
        for (uint256 i = 0; i < facets_.length; i++) {
            Facet memory facet = facets_[i];
            for (uint256 j = 0; j < facet.functionSelectors.length; j++) {
                bytes4 selector = facet.functionSelectors[j];
                if (facet.action != 0) take(selector);
                if (facet.action != 2) give(selector, facet.facetAddress);
            }
        }
        emit DiamondCut(facets_, init, initData);
        if (init != address(0)) delegate(init, initData);
    }

    function give(bytes4 selector, address facet) private {
        require(facetOf[selector] == address(0), "Diamond: selector is already registered");
        if (selectorsOf[facet].length == 0) addresses.push(facet);
        facetOf[selector] = facet;
        selectorsOf[facet].push(selector);
    }

    function take(bytes4 selector) private {
        address facet = facetOf[selector];
        require(facet != address(0), "Diamond: selector is not registered");
        delete facetOf[selector];
        bytes4[] storage list = selectorsOf[facet];
        for (uint256 i = 0; i < list.length; i++) {
            if (list[i] == selector) {
                list[i] = list[list.length - 1];
                list.pop();
                break;
            }
        }
        if (list.length == 0) forget(facet);
    }

    function forget(address facet) private {
        for (uint256 i = 0; i < addresses.length; i++) {
            if (addresses[i] == facet) {
                addresses[i] = addresses[addresses.length - 1];
                addresses.pop();
                break;
            }
        }
    }

    function delegate(address target, bytes memory data) private {
        (bool done, bytes memory answer) = target.delegatecall(data);
        if (!done) {
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    fallback() external {
        address facet = facetOf[msg.sig];
        require(facet != address(0), "Diamond: selector is not registered");
        assembly {
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), facet, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            switch done
            case 0 { revert(0, returndatasize()) }
            default { return(0, returndatasize()) }
        }
    }
}
